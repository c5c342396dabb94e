"""Sends requests to a server over persistent connections."""

import http.client
import json
import threading
import time
from collections.abc import Mapping
from typing import Any

from bench.world import BenchError

_TIMEOUT = 60.0
_IDLE = 1.0
"""Seconds after which an idle connection is not reused, since the server may close it."""


class Server:
    """Sends requests from several threads. Each thread has its own connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._own = threading.local()

    def ask(self, query: str, variables: Mapping[str, Any], token: str | None = None) -> Any:
        """Returns the data of a response. Raises `BenchError` when it has errors."""
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
            self._own.connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
        return self._own.connection
