"""Events that many sockets share: deliveries per second, and CPU per delivery."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

from bench.live.contenders import BARE, GRAPHQL_WS, OURS, Following, bare, following, graphql_ws, post_publish
from bench.live.database import LiveDatabase, Subject, subscription
from bench.live.delivered import Delivered, deliver
from bench.servers import Running, ServerSettings, ours
from bench.world import say
from services.event_log.event_streams import StreamEventKind


class SharedCase(NamedTuple):
    """The size of a measurement: sockets, events that are published together, single events, and rounds."""

    sockets: int
    together: int
    single: int
    rounds: int


Rounds = dict[str, list[Delivered]]


class SharedEvents(NamedTuple):
    """The size, and the rounds with events that are published together, and with one event after the other."""

    case: SharedCase
    together: Rounds
    single: Rounds


async def measure_shared(database: LiveDatabase, case: SharedCase) -> SharedEvents:
    subjects = await database.add_comments(max(case.together, case.single))
    together: Rounds = {OURS: [], GRAPHQL_WS: [], BARE: []}
    single: Rounds = {OURS: [], GRAPHQL_WS: [], BARE: []}
    async with _all(database, case, subjects) as servers:
        for number in range(case.rounds):
            for server in (*servers[number % 3 :], *servers[: number % 3]):
                together[server.name].append(await deliver(server, case.sockets, case.together, 1))
                single[server.name].append(await deliver(server, case.sockets, 1, case.single))
                say(f"  {number + 1}. {server.name}: {_shown(together[server.name])} · {_shown(single[server.name])}")
    return SharedEvents(case, together, single)


def _shown(rounds: Sequence[Delivered]) -> str:
    last = rounds[-1]
    return f"{last.per_second:,.0f}/s, {last.cpu_microseconds:.2f} µs (client {last.client_busy:.0%})"


@asynccontextmanager
async def _all(
    database: LiveDatabase, case: SharedCase, subjects: Sequence[Subject]
) -> AsyncGenerator[list[Following]]:
    """Yields all servers with their sockets. Each has delivered an event to each socket."""
    settings = ServerSettings(database.url, database.secret_keys)
    tokens, post = database.tokens(case.sockets), database.posts[0]
    sample = ""

    async def append(_running: Running, count: int) -> None:
        await database.append(StreamEventKind.COMMENT_ADDED, subjects[:count])

    async def publish(running: Running, count: int) -> None:
        payload: Any = json.loads(sample)["payload"]["data"]["postEvents"]
        command = {"field": "postEvents", "payload": payload, "frame": sample, "count": count}
        await asyncio.to_thread(post_publish, running, command)

    async with AsyncExitStack() as stack:
        servers: list[Following] = []
        for contender, function in (
            (ours(OURS, settings), append),
            (graphql_ws(settings), publish),
            (bare(settings), publish),
        ):
            server = await stack.enter_async_context(
                following(contender, tokens, subscription("postEvents", post), function)
            )
            server.clients.expect(case.sockets)
            await server.publish(1)
            sample = (await asyncio.to_thread(server.clients.arrived)).sample
            servers.append(server)
        yield servers
