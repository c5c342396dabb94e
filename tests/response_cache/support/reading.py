"""Reads as a user or anonymously, and hands every response to the checker."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

from tests.response_cache.support.checker import Checker
from tests.response_cache.support.connections import Connections, Lost
from tests.response_cache.support.faults import Read
from tests.response_cache.support.operations import payload


class Session:
    """The tokens of a user on one device."""

    def __init__(self, handle: str, session: Mapping[str, Any], device: str) -> None:
        self.handle = handle
        self.device = device
        self.device_id: str = session["device"]["id"]
        self.tokens: Mapping[str, Any] = session

    @property
    def token(self) -> str:
        return self.tokens["accessToken"]


class Tally:
    """Counts the reads that were answered, by state of the cache, by operation, and those that failed by code."""

    def __init__(self) -> None:
        self.reads = 0
        self.states = Counter[str]()
        self.operations = Counter[str]()
        self.failed = Counter[str]()
        self.changed = asyncio.Event()


class Reader:
    """Sends queries, and checks their responses."""

    def __init__(self, connections: Connections, checker: Checker, tally: Tally, chance: Random) -> None:
        self._connections = connections
        self._checker = checker
        self._tally = tally
        self.random = chance

    async def read(self, name: str, variables: Mapping[str, Any], session: Session | None) -> None:
        """Sends a query once. A response with errors is not checked, because it is never a cached one."""
        try:
            reply = await self._connections.post(payload(name, variables), session and session.token)
        except Lost:
            self._tally.failed["no response"] += 1
            return
        if errors := reply.body.get("errors"):
            self._tally.failed[errors[0].get("extensions", {}).get("code", "?")] += 1
            return
        cache = _state(reply.body.get("extensions", {}))
        self._tally.reads += 1
        self._tally.states[cache] += 1
        self._tally.operations[name] += 1
        viewer = session and session.handle
        read = Read(viewer, name, variables, reply.began, reply.ended, f"server {reply.server}", cache)
        self._checker.check(read, reply.body["data"])


def _state(extensions: Mapping[str, Any]) -> str:
    """Returns the state of the cache in the extensions, such as `hit`."""
    cache = extensions.get("cache")
    if isinstance(cache, Mapping):
        found: Mapping[str, Any] = cache  # pyright: ignore[reportUnknownVariableType] - JSON
        return str(found.get("result") or found)
    return "-" if cache is None else str(cache)
