"""Kills processes and connections of the campaign."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from services.event_log.event_streams import RowKey
from tests.campaign.support.roles import Role
from tests.live.support.campaign_clients import LiveClient
from tests.live.support.campaign_world import World
from tests.support.redis_servers import RedisServer

_WEIGHTS = {"connection": 4, "worker": 3, "server": 2, "server stopped": 1, "redis": 2}
_CUT = 0.1
"""The maximum share of the connections that are cut at once."""

_REDIS_PAUSE = (0.1, 3.0)
"""Random seconds without Redis."""

_AWAY = (0.3, 0.65)
"""The parts of the campaign after which some followers leave, and return."""

_LEAVING = 3
"""So many followers of the hot post, and of its author, leave."""


class Deployment(NamedTuple):
    """Holds the processes of the campaign."""

    servers: Sequence[Role]
    workers: Sequence[Role]
    redis: RedisServer
    ports: Sequence[str]


class Kills:
    """Kills something at random each time. Everything comes back."""

    def __init__(self, deployment: Deployment, clients: Sequence[LiveClient], world: World, seed: int) -> None:
        self._servers, self._workers, self._redis, _ = deployment
        self._clients = clients
        followers = [[client for client in clients if client.identity.stream == stream] for stream in _hot(world)]
        self._leaving = [client for of_one in followers for client in of_one[:_LEAVING]]
        self._random = Random(seed)  # noqa: S311 - not for secrets
        self._kinds = self._random.sample(list(_WEIGHTS), len(_WEIGHTS))
        """The kinds of the first kills, so that each occurs."""
        self.done = Counter[str]()
        """The number of kills by kind."""

    async def kill(self, share: float) -> None:
        """Kills something. `share` is the share of the kills that will be done then."""
        self._leave_and_return(share)
        kind = self._kinds.pop() if self._kinds else self._random.choices(*zip(*_WEIGHTS.items(), strict=True))[0]
        if kind == "connection":
            size = self._random.randint(1, max(1, round(len(self._clients) * _CUT)))
            self.done[kind] += sum(client.cut() for client in self._random.sample(self._clients, size))
        elif kind == "redis":
            await self._redis.kill()
            await asyncio.sleep(self._random.uniform(*_REDIS_PAUSE))
            await self._redis.start()
            self.done[kind] += 1
        elif kind == "worker":
            self.done[kind] += self._random.choice(self._workers).kill()
        else:
            server = self._random.choice(self._servers)
            self.done[kind] += server.stop() if kind == "server stopped" else server.kill()

    def end(self) -> None:
        """Lets the followers that are away return."""
        for client in self._leaving:
            client.come_back()

    def _leave_and_return(self, share: float) -> None:
        begin, end = _AWAY
        for client in self._leaving:
            if begin < share < end:
                client.leave()
            else:
                client.come_back()


def _hot(world: World) -> list[RowKey]:
    author = world.hot_post.owner_id
    return [world.hot_post, RowKey(author, author)]
