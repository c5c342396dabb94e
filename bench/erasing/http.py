"""Requests to a server, over connections that stay open."""

import http.client
import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from bench.world import BenchError

_PATIENCE = 60.0
_IDLE = 1.0
"""Seconds after which a connection is not used again, since the server may be closing it."""


class Server:
    """May be used by several threads; each has a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._own = threading.local()

    def ask(self, query: str, variables: Mapping[str, Any], token: str | None = None) -> Any:
        """The data of an answer. `BenchError` when it has errors."""
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        connection = self._connection()
        connection.request("POST", "/graphql", json.dumps({"query": query, "variables": variables}), headers)
        answer = json.loads(connection.getresponse().read())
        self._own.used = time.monotonic()
        if "errors" in answer:
            raise BenchError(f"a request failed: {answer['errors'][0]['message']}")
        return answer["data"]

    def _connection(self) -> http.client.HTTPConnection:
        if time.monotonic() - getattr(self._own, "used", -_IDLE) >= _IDLE:
            self._own.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        return self._own.connection
