"""Resident memory per idle socket."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.live.clients import clients
from bench.live.contenders import BARE, GRAPHQL_WS, OURS, bare, graphql_ws
from bench.live.database import LiveDatabase, subscription
from bench.live.waiting import in_thread, settle
from bench.servers import Contender, ServerSettings, ours, started
from bench.world import BenchError, say
from services.event_log.event_streams import StreamEventKind

CONNECTED = f"{OURS}, without a subscription"

_WARM_UP = 20
"""Sockets that are opened and closed first, so that code and caches are loaded."""
_KIB = 1024


class Held(NamedTuple):
    """Bytes per idle socket of a server, and after each socket has received an event, if that was measured."""

    idle: float
    after_event: float | None


async def measure_idle(database: LiveDatabase, sockets: int, rounds: int) -> dict[str, list[Held]]:
    """Returns the rounds of each server. Each round starts the server anew."""
    settings = ServerSettings(database.url, database.secret_keys)
    follow = subscription("viewerEvents")
    cases: list[tuple[str, Contender, Any]] = [
        (OURS, ours(OURS, settings), follow),
        (CONNECTED, ours(CONNECTED, settings), None),
        (GRAPHQL_WS, graphql_ws(settings), follow),
        (BARE, bare(settings), follow),
    ]
    tokens = database.tokens(sockets)
    found: dict[str, list[Held]] = {name: [] for name, _, _ in cases}
    for number in range(rounds):
        first = number % len(cases)
        for name, contender, subscribe in (*cases[first:], *cases[:first]):
            events = database if name == OURS else None
            found[name].append(await _hold(contender, tokens, subscribe, events))
            say(f"  {number + 1}. {name}: {found[name][-1].idle:,.0f} bytes")
    return found


async def _hold(contender: Contender, tokens: Sequence[str], subscribe: Any, events: LiveDatabase | None) -> Held:
    async with in_thread(started(contender)) as running, in_thread(clients()) as holding:
        pid, port = running.pids[0], running.ports[0]
        async with in_thread(clients()) as warming:
            await asyncio.to_thread(warming.open, port, tokens[:_WARM_UP], subscribe)
            await settle(pid)
        await settle(pid)
        before = _resident(pid)
        await asyncio.to_thread(holding.open, port, tokens, subscribe)
        await settle(pid)
        idle = (_resident(pid) - before) / len(tokens)
        if events is None:
            return Held(idle, None)
        holding.expect(len(tokens))
        await events.append(StreamEventKind.FEED_POST_PUBLISHED, events.feed_posts(len(tokens)))
        await asyncio.to_thread(holding.arrived)
        await settle(pid)
        return Held(idle, (_resident(pid) - before) / len(tokens))


def _resident(pid: int) -> int:
    """Returns the resident bytes of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * _KIB
    raise BenchError("the server has ended")
