"""Measures the inbox, its counts and its marks for users with many notifications. Writes `bench/results/inbox.md`.

Creates a database on PostgreSQL and a file of SQLite, and deletes both. Stop other load before.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bench.inprocess import Application
from bench.stopping import run
from bench.world import PROJECT, connected, say
from core.global_ids import global_id
from core.settings import Settings
from core.telemetry import configure_logging
from core.viewer import SignedIn
from gateway.app import create_app
from services.maintenance.migrations import migrate
from services.resources import Resources, open_resources

_POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
_GOAL = 1.3
_SMALL, _LARGE = 101, 102
"""The ids of the user with few notifications and of the one with many."""

_USER = "INSERT INTO users (id, handle, name, created_at) VALUES ($1, $2, $2, $3)"
_FILL = (
    "INSERT INTO notifications (owner_id, id, kind, actor_id, actor_count, created_at) "
    "WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < $2) "
    "SELECT $1, n, CASE WHEN n % 100 = 1 THEN 'SECURITY' ELSE 'LIKE' END, $3, 1, $4 FROM g"
)
_COUNT = "INSERT INTO notification_counts (owner_id, unseen, unread) VALUES ($1, $2, $2)"
_UNMARK = "UPDATE notification_counts SET unseen = $2, unread = $2, seen_up_to = 0, read_up_to = 0 WHERE owner_id = $1"
_DROP_MARKS = "DELETE FROM inbox_marks WHERE owner_id = $1"

_PAGE = "edges { node { id kind text createdAt seenAt readAt actor { id name } } } pageInfo { hasNextPage endCursor }"
_COUNTS = "notificationCounts { unseen unread }"
_MARK = "mutation ($upTo: ID!) {{ {}(input: {{upTo: $upTo}}) {{ ... on {} {{ counts {{ unseen unread }} }} }} }}"
READS = {
    "20 notifications and counts": f"{{ viewer {{ {_COUNTS} notifications(first: 20) {{ {_PAGE} }} }} }}",
    "counts": f"{{ viewer {{ {_COUNTS} }} }}",
    "unread ones": f"{{ viewer {{ notifications(first: 20, filter: {{unreadOnly: true}}) {{ {_PAGE} }} }} }}",
    "ones of a rare kind": f"{{ viewer {{ notifications(first: 1, filter: {{kinds: [SECURITY]}}) {{ {_PAGE} }} }} }}",
}


class Comparison(NamedTuple):
    """The medians, in seconds, for few notifications and for many."""

    name: str
    small: float
    large: float

    @property
    def ratio(self) -> float:
        return self.large / self.small


class Inboxes:
    """Sends operations as the two users, in one process."""

    def __init__(self, app: Any, resources: Resources, sizes: dict[int, int]) -> None:
        self._app = app
        self._resources = resources
        self._sizes = sizes
        self._tokens = {user: resources.access_tokens.issue(SignedIn(user, 1))[0] for user in sizes}

    async def fill(self) -> None:
        fetch, now = self._resources.database.fetch, self._resources.clock()
        for user_id, number in self._sizes.items():
            await fetch(_USER, user_id, f"user{user_id}", now)
            await fetch(_FILL, user_id, number, _SMALL + _LARGE - user_id, now)
            await fetch(_COUNT, user_id, number)

    async def read(self, name: str, query: str, rounds: int) -> Comparison:
        """Alternates between the users; each round begins with the other."""
        application = Application(self._app, json.dumps({"query": query}).encode(), [])
        taken: dict[int, list[float]] = {user: [] for user in self._sizes}
        for number in range(rounds + 10):
            for user in (_SMALL, _LARGE) if number % 2 else (_LARGE, _SMALL):
                seconds = await application.seconds(self._tokens[user])
                if number >= 10:  # noqa: PLR2004 - the first rounds prepare statements and plans
                    taken[user].append(seconds)
        return _compared(name, taken)

    async def mark(self, mutation: str, rounds: int) -> Comparison:
        """Marks all notifications, which were unseen and unread before each round. They stay marked at the end."""
        taken: dict[int, list[float]] = {user: [] for user in self._sizes}
        for _ in range(rounds):
            for user, number in self._sizes.items():
                await self._resources.database.fetch(_UNMARK, user, number)
                await self._resources.database.fetch(_DROP_MARKS, user)
                up_to = global_id("Notification", user, number)
                body = {"query": _MARK.format(mutation, _success(mutation)), "variables": {"upTo": up_to}}
                application = Application(self._app, json.dumps(body).encode(), [])
                taken[user].append(await application.seconds(self._tokens[user]))
        return _compared(mutation, taken)


def _success(mutation: str) -> str:
    return f"{mutation[0].upper()}{mutation[1:]}Success"


def _compared(name: str, taken: dict[int, list[float]]) -> Comparison:
    found = Comparison(name, statistics.median(taken[_SMALL]), statistics.median(taken[_LARGE]))
    say(f"  {name}: {found.small * 1000:.2f} ms, {found.large * 1000:.2f} ms, ratio {found.ratio:.2f}")
    return found


@asynccontextmanager
async def _database(admin_url: str) -> AsyncGenerator[str]:
    name = f"bff_bench_inbox_{os.getpid()}"
    async with connected(admin_url) as connection:
        await connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlsplit(admin_url)._replace(path=f"/{name}").geturl()
        finally:
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


async def _measure(url: str, options: argparse.Namespace) -> tuple[list[Comparison], list[Comparison]]:
    """Returns the reads before and after all is marked, and the marks."""
    settings = Settings(database_url=url, database_deadline=60)
    async with open_resources(settings) as resources:
        await migrate(resources.database, lambda _name: None)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        inboxes = Inboxes(app, app.state.resources, {_SMALL: options.small, _LARGE: options.large})
        await inboxes.fill()
        await _analyze(url, app.state.resources)
        reads = [await inboxes.read(name, query, options.rounds) for name, query in READS.items()]
        marks = [
            await inboxes.mark(name, options.marks) for name in ("markNotificationsSeen", "markAllNotificationsRead")
        ]
        for name, query in READS.items():
            reads.append(await inboxes.read(f"{name}, after all were marked", query, options.rounds))
    return reads, marks


async def _analyze(url: str, resources: Resources) -> None:
    """Does what autovacuum does in production."""
    if url.startswith("sqlite"):
        await resources.database.dialect.analyze(resources.database.client)
    else:
        async with connected(url) as connection:
            await connection.execute("VACUUM (ANALYZE)")


def main(arguments: Sequence[str] | None = None) -> int:
    return run(_run(_parser().parse_args(arguments)))


async def _run(options: argparse.Namespace) -> int:
    configure_logging("WARNING")
    found: dict[str, tuple[list[Comparison], list[Comparison]]] = {}
    say("PostgreSQL")
    async with _database(options.postgres) as url:
        found["PostgreSQL"] = await _measure(url, options)
    say("SQLite")
    with tempfile.TemporaryDirectory() as folder:
        found["SQLite"] = await _measure(f"sqlite://{folder}/inbox.sqlite3", options)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "inbox.md").write_text(_page(found, options))
    return 0


def _page(found: dict[str, tuple[list[Comparison], list[Comparison]]], options: argparse.Namespace) -> str:
    lines = [
        "# Inboxes with many notifications",
        "",
        f"Written by `make bench-inbox` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}.",
        f"Two users have {options.small:,} and {options.large:,} notifications; one of 100 is of the rare kind.",
        "Operations run in one process, alternately for both users, with the database on the same machine. Times are",
        f"medians: of {options.rounds} reads, and of {options.marks} marks of all notifications, none of which was",
        "seen or read before.",
        "",
        f"The goal is that reads take at most {_GOAL} times as long for the user with more.",
    ]
    for engine, (reads, marks) in found.items():
        lines += ["", f"## {engine}", "", "| read | few | many | ratio | goal |", "|---|---:|---:|---:|---|"]
        lines += [f"{_row(each)} {'reached' if each.ratio <= _GOAL else 'missed'} |" for each in reads]
        lines += ["", "| mark | few | many | ratio |", "|---|---:|---:|---:|", *map(_row, marks)]
    return "\n".join([*lines, ""])


def _row(each: Comparison) -> str:
    return f"| {each.name} | {each.small * 1000:.2f} ms | {each.large * 1000:.2f} ms | {each.ratio:.2f} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.inbox", description=__doc__)
    add = parser.add_argument
    add("--small", type=int, default=1000, metavar="N", help="notifications of the first user (default 1000)")
    add("--large", type=int, default=1_000_000, metavar="N", help="notifications of the other (default 1000000)")
    add("--rounds", type=int, default=300, metavar="N", help="reads of each kind and user (default 300)")
    add("--marks", type=int, default=5, metavar="N", help="marks of each kind and user (default 5)")
    add("--postgres", default=_POSTGRES, metavar="URL", help=f"a server to create a database on (default {_POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
