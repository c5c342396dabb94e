"""Connections that sometimes return an old response, to show that the checker finds them."""

from collections.abc import Sequence
from random import Random
from time import perf_counter

from tests.response_cache.support.connections import Connections, Reply


class OldReplies:
    """The first responses of all connections, by query and token."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.bodies: dict[tuple[bytes, str | None], Reply] = {}
        self.returned = 0


class StaleConnections(Connections):
    """Returns the first response to a query again, with the probability of `old.share`. Mutations are always sent."""

    def __init__(self, ports: Sequence[str], chance: Random, old: OldReplies) -> None:
        super().__init__(ports, chance)
        self._chance = chance
        self._old = old

    async def post(self, payload: bytes, token: str | None) -> Reply:
        key = (payload, token)
        old = self._old.bodies.get(key)
        if old is not None and self._chance.random() < self._old.share:
            self._old.returned += 1
            now = perf_counter()
            return Reply(old.body, now, now, old.server)
        reply = await super().post(payload, token)
        if b"mutation " not in payload and not reply.body.get("errors"):
            self._old.bodies.setdefault(key, reply)
        return reply
