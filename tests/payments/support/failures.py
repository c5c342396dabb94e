"""Kills processes, cuts connections to the database, and crashes the database, in random order."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from tests.campaign.support.roles import Role
from tests.chaos.proxy import Proxy
from tests.payments.support.scale import Scale
from tests.support.postgres_server import PostgresServer
from tests.support.timing import HANG_SECONDS

_MAX_WAIT = 0.5


class Failures:
    """Does everything that a scale says, each after more acknowledged payments."""

    def __init__(self, roles: Sequence[Role], proxy: Proxy | None, postgres: PostgresServer | None) -> None:
        self._roles = roles
        self._proxy = proxy
        self._postgres = postgres
        self.done = Counter[str]()

    async def run(self, scale: Scale, acknowledged: Callable[[], int]) -> None:
        chance = Random(scale.seed)  # noqa: S311 - not for secrets
        planned = ["kill"] * scale.kills + ["cut"] * scale.cuts + ["crash"] * scale.crashes
        chance.shuffle(planned)
        for kind in planned:
            await _more(acknowledged, scale.between)
            await asyncio.sleep(chance.uniform(0, _MAX_WAIT))
            if kind == "kill":
                await self._kill(chance)
            elif kind == "cut":
                await self._cut(chance)
            else:
                await self._crash(chance)
        await _more(acknowledged, scale.between)

    async def _kill(self, chance: Random) -> None:
        number = chance.randrange(len(self._roles))
        while not self._roles[number].kill():  # noqa: ASYNC110 - it is restarted
            await asyncio.sleep(0.02)
        self.done["kill"] += 1

    async def _cut(self, chance: Random) -> None:
        """Cuts one connection, some, or all."""
        assert self._proxy is not None
        while not (connections := self._proxy.open_connections):  # noqa: ASYNC110 - they are opened again
            await asyncio.sleep(0.02)
        number = chance.choice([1, max(1, len(connections) // 2), len(connections)])
        self._proxy.cut(*chance.sample(connections, number))
        self.done["cut"] += 1
        self.done["connections cut"] += number

    async def _crash(self, chance: Random) -> None:
        """Ends all of PostgreSQL at once: by an immediate shutdown, or by SIGKILL of its first process."""
        assert self._postgres is not None
        if chance.random() < 0.5:
            await self._postgres.crash()
        else:
            await self._postgres.kill()
        await self._postgres.start()
        self.done["crash"] += 1


async def _more(acknowledged: Callable[[], int], number: int) -> None:
    before = acknowledged()
    async with asyncio.timeout(HANG_SECONDS):
        while acknowledged() < before + number:  # noqa: ASYNC110 - a count is watched
            await asyncio.sleep(0.01)
