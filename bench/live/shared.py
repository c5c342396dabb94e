"""Events that many sockets share: deliveries per second, and CPU per delivery."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

from bench.live.contenders import BARE, GRAPHQL_WS, OURS, Following, bare, following, graphql_ws, post_publish
from bench.live.database import LiveDatabase, Subject, subscription
from bench.live.delivered import Delivered, deliver, deliver_successive
from bench.servers import Running, ServerSettings, ours
from bench.world import say
from services.event_log.event_streams import StreamEventKind


class SharedCase(NamedTuple):
    """The size of a measurement: sockets, the events of each form of publication, and rounds."""

    sockets: int
    together: int
    successive: int
    single: int
    rounds: int


Rounds = dict[str, list[Delivered]]


class SharedEvents(NamedTuple):
    """The size, and the rounds of each form of publication.

    Events are published together, or one after the other, without and with a wait until the last one has arrived.
    """

    case: SharedCase
    together: Rounds
    successive: Rounds
    single: Rounds


async def measure_shared(database: LiveDatabase, case: SharedCase) -> SharedEvents:
    subjects = await database.add_comments(case.together)
    names = (OURS, GRAPHQL_WS, BARE)
    together, successive, single = ({name: list[Delivered]() for name in names} for _ in range(3))
    async with _all(database, case, subjects) as servers:
        for number in range(case.rounds):
            for server in (*servers[number % 3 :], *servers[: number % 3]):
                together[server.name].append(await deliver(server, case.sockets, case.together, 1))
                successive[server.name].append(await deliver_successive(server, case.sockets, case.successive))
                single[server.name].append(await deliver(server, case.sockets, 1, case.single))
                say(f"  {number + 1}. {_shown(server.name, together, successive, single)}")
    return SharedEvents(case, together, successive, single)


def _shown(name: str, *forms: Rounds) -> str:
    last = [rounds[name][-1] for rounds in forms]
    shown = (
        f"{each.per_second:,.0f}/s, {each.cpu_microseconds:.2f} µs (client {each.client_busy:.0%})" for each in last
    )
    return f"{name}: {' · '.join(shown)}"


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
