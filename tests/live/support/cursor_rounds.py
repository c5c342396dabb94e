"""Reads a screen and subscribes after its `liveCursor`, while others write; writes `bench/results/live-cursors.md`:

python -m tests.live.support.cursor_rounds
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

from core.global_ids import global_id
from services.resources import open_resources
from tests.live.support.campaign_world import Scale, World, prepare
from tests.live.support.campaign_writers import WEIGHTS, Writers
from tests.support.engines import Engine, PostgresEngine, SqliteEngine
from tests.support.followers import POST_EVENTS, VIEWER_EVENTS
from tests.support.relay import drained
from tests.support.server import Server, serving
from tests.support.sockets import SocketClient, opened
from tests.support.timing import HANG_SECONDS, settings_for, until
from workers import run_relay

PAGE = Path(__file__).parent.parent.parent.parent / "bench/results/live-cursors.md"
READERS = 16
_WRITERS = 2
_EVENTS = 2
"""At least so many events are written between the subscription and the second read."""

_SCALE = Scale(sockets=128, events=2**31)
_GROWING = {name: WEIGHTS[name] for name in ("comment", "like", "publish", "publish_popular")}
"""Changes that add something, so that a second read shows what has to arrive."""

_VIEWER = (
    "{ viewer { liveCursor feed(first: 100) { edges { node { id } } } "
    "notifications(first: 100) { edges { node { id } } } } }"
)
_POST = (
    "query ($id: ID!) { node(id: $id) { ... on Post { liveCursor likeCount "
    "comments(first: 100) { edges { node { id } } } } } }"
)


@dataclass
class Outcome:
    """Holds the numbers of rounds, and of rounds in which something had to arrive, and what was missed."""

    rounds: int = 0
    racing: int = 0
    arrived: int = 0
    seconds: float = 0.0
    missed: list[str] = field(default_factory=list[str])


class Screen(NamedTuple):
    """The content of a response: its cursor, the ids of its objects, and the number of likes."""

    cursor: str
    ids: frozenset[str]
    likes: int


async def run(engine: Engine, rounds: int, seed: int) -> Outcome:
    """Runs rounds in an empty database. All follows are projected first: a new follow tells clients to read again."""
    async with engine.empty() as url:
        settings = settings_for(url, push_followers=_SCALE.push_followers, database_pool=16, usage="off")
        async with open_resources(settings) as resources:
            world = await prepare(resources, _SCALE, Random(seed))  # noqa: S311 - not for secrets
            await drained(resources)
        async with serving(settings) as server:
            return await _run(server, world, rounds, seed)


async def _run(server: Server, world: World, rounds: int, seed: int) -> Outcome:
    writers = Writers(server.resources, world, seed, _GROWING)
    others = [asyncio.create_task(run_relay(server.resources)), asyncio.create_task(writers.write(_WRITERS))]
    outcome, started = Outcome(), perf_counter()
    try:
        readers = [_Reader(server, world, writers, outcome, number) for number in range(READERS)]
        await asyncio.gather(*(reader.read(rounds) for reader in readers))
    finally:
        for task in others:
            assert not task.done(), task.result()
            task.cancel()
        await asyncio.wait(others)
    outcome.seconds = perf_counter() - started
    return outcome


class _Reader:
    """Reads a screen of one user in each round: alternately the home screen and a post."""

    def __init__(self, server: Server, world: World, writers: Writers, outcome: Outcome, number: int) -> None:
        self._server = server
        self._writers = writers
        self._outcome = outcome
        self._number = number
        self._token = server.token(world.users[number % len(world.users)])

    async def read(self, rounds: int) -> None:
        """Reads until all readers together have completed the rounds."""
        async with opened(self._server, authorization=f"Bearer {self._token}") as socket:
            while self._outcome.rounds < rounds:
                self._outcome.rounds += 1
                post = global_id("Post", *self._writers.recent_post()) if self._outcome.rounds % 2 else None
                await self._round(socket, post, f"{self._number}-{self._outcome.rounds}")

    async def _round(self, socket: SocketClient, post: str | None, name: str) -> None:
        before = await self._screen(post)
        query, variables = VIEWER_EVENTS, {"after": before.cursor}
        if post is not None:
            query, variables = POST_EVENTS, {**variables, "postId": post}
        written = self._writers.events
        await socket.subscribe(query, name, variables=variables)
        await until(lambda: self._writers.events > written + _EVENTS)
        after = await self._screen(post)
        expected = Expected(set(after.ids - before.ids), after.likes if after.likes > before.likes else 0)
        self._outcome.racing += not expected.is_met
        try:
            async with asyncio.timeout(HANG_SECONDS):
                while not expected.is_met:
                    message = await socket.hear()
                    self._outcome.arrived += expected.receive(message, name)
        except TimeoutError:
            self._outcome.missed.append(f"round {name}: {expected}")
        await socket.say(type="complete", id=name)

    async def _screen(self, post: str | None) -> Screen:
        """Returns what the home screen or a post contains now."""
        body: Mapping[str, Any] = {"query": _VIEWER} if post is None else {"query": _POST, "variables": {"id": post}}
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = (await self._server.http.post("/graphql", json=body, headers=headers)).json()
        assert "errors" not in answer, answer
        found = answer["data"]["viewer" if post is None else "node"]
        lists = ("feed", "notifications") if post is None else ("comments",)
        ids = frozenset(edge["node"]["id"] for name in lists for edge in found[name]["edges"])
        return Screen(found["liveCursor"], ids, found.get("likeCount", 0))


@dataclass
class Expected:
    """The content of the second response that the first one lacks."""

    ids: set[str]
    likes: int

    @property
    def is_met(self) -> bool:
        return not self.ids and not self.likes

    def receive(self, message: Any, name: str) -> bool:
        """Takes a message of the WebSocket, and returns whether it contained something that was expected."""
        if message["id"] != name:
            return False
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        ((_, payload),) = message["payload"]["data"].items()
        event = payload["event"]
        assert event["__typename"] != "StreamReset", message
        objects = [event.get(kind) for kind in ("post", "notification", "comment")]
        ids = {found["id"] for found in objects if found} & self.ids
        self.ids -= ids
        post: dict[str, Any] = event.get("post") or {}
        likes = int(post.get("likeCount", 0))
        is_met = bool(self.likes) and likes >= self.likes
        self.likes = 0 if is_met else self.likes
        return bool(ids) or is_met


def line(name: str, outcome: Outcome) -> str:
    """Returns a row of the page."""
    numbers = (f"{number:,}" for number in (outcome.rounds, outcome.racing, outcome.arrived))
    return f"| {' | '.join([name, *numbers, f'{outcome.seconds:.0f} s', f'**{len(outcome.missed)}**'])} |"


def page(seed: int, rows: list[str]) -> str:
    return f"""# Queries and the subscriptions that follow them, with racing writers

Written by `make campaign-live-cursors` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, seed {seed}.

In each round, one of {READERS} concurrent readers reads the home screen with `Viewer.liveCursor`, or a post with
`Post.liveCursor`, subscribes after that cursor, and reads the same again a few events later. Meanwhile {_WRITERS}
writers publish, comment and like, also as popular authors, and a relay projects. Every post, notification, comment and
number of likes of the second response that the first one does not contain has to arrive through the subscription.

| Database | rounds | in which something had to arrive | events that contained it | time | missed |
|---|---:|---:|---:|---:|---:|
""" + "\n".join([*rows, ""])


async def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    rows: list[str] = []
    missed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        engines = {
            "PostgreSQL": PostgresEngine(f"bff_live_cursors_{os.getpid()}"),
            "SQLite": SqliteEngine(Path(folder)),
        }
        for name, engine in engines.items():
            outcome = await run(engine, asked.rounds, asked.seed)
            rows.append(line(name, outcome))
            sys.stdout.write(f"{rows[-1]}\n" + "".join(f"  {each}\n" for each in outcome.missed[:20]))
            sys.stdout.flush()
            missed += outcome.missed
    PAGE.write_text(page(asked.seed, rows))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
