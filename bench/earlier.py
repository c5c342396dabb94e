"""Measures the home screen over HTTP on PostgreSQL beside an earlier revision of this repository.

Each revision has a database of its own with the same seed, because their tables may differ. Stop other load before.
"""

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bench.cases import Entry, Measured, Plan, measure
from bench.command import POSTGRES, run_command
from bench.operations import home_screen
from bench.processes import CPUS, on_cpus, postmaster, tool
from bench.servers import ServerSettings, ours
from bench.world import CALLERS, PROJECT, BenchError, World, connected, open_world, say

PRESENT = "present files"


def main(arguments: Sequence[str] | None = None) -> int:
    return run_command(_parser(), _run, arguments)


def _run(options: argparse.Namespace) -> None:
    plan = Plan(options.rounds, options.seconds, options.warm_up, f"bench:{secrets.token_hex(32)}")
    with ExitStack() as stack:
        entries = [_entry(stack, options, plan, revision) for revision in (options.newer, options.revision)]
        database = asyncio.run(postmaster(options.postgres))
        with on_cpus(database, set(CPUS)):
            measured = measure(entries, plan, database, home_screen())
    (options.output / "earlier.md").write_text("\n".join(_page(measured, plan, options.people)) + "\n")


def _entry(stack: ExitStack, options: argparse.Namespace, plan: Plan, given: str | None) -> Entry:
    """Returns the server of a revision, or of the present files, with its database."""
    if given is None:
        world = asyncio.run(open_world(options.postgres, options.people))
        return Entry(ours(PRESENT, ServerSettings(world.url, plan.secret_keys)), world)
    revision = _git("rev-parse", "--short", given)
    folder = stack.enter_context(_checkout(revision))
    world = asyncio.run(_earlier_world(options.postgres, options.people, revision, folder))
    return Entry(replace(ours(revision, ServerSettings(world.url, plan.secret_keys)), folder=folder), world)


def _git(*arguments: str) -> str:
    try:
        found = subprocess.run(
            [tool("git", "git"), *arguments], cwd=PROJECT, check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise BenchError(f"'git {' '.join(arguments)}' failed") from error
    return found.stdout.strip()


@contextmanager
def _checkout(revision: str) -> Generator[Path]:
    """Yields a folder with the files of a revision. Its code runs with the packages that are installed now."""
    with TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        _git("worktree", "add", "--detach", str(checkout), revision)
        try:
            yield checkout
        finally:
            _git("worktree", "remove", "--force", str(checkout))


async def _earlier_world(admin_url: str, people: int, revision: str, folder: Path) -> World:
    """Returns the database of a revision, which its own commands create and seed if it is missing."""
    name = f"bff_bench_{people}_{revision}"
    url = urlsplit(admin_url)._replace(path=f"/{name}").geturl()
    async with connected(admin_url) as connection:
        is_new = not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name)
        if is_new:
            await connection.execute(f'CREATE DATABASE "{name}"')
    if is_new:
        say(f"{name}: seeding {people} people")
        for command in (["migrate"], ["seed", "--users", str(people), "--seed", "1"]):
            _bff(folder, url, command)
    async with connected(url) as connection:
        for table in ("key_states", "key_holders"):
            await connection.execute(f"DELETE FROM {table}")  # noqa: S608 - constants
        found = [row["id"] for row in await connection.fetch("SELECT id FROM users ORDER BY id")]
    if len(found) != people:
        raise BenchError(f"the database {name} has {len(found)} people; drop it, and the next run creates it")
    return World(people, url, found[:: max(people // CALLERS, 1)][:CALLERS])


def _bff(folder: Path, url: str, command: Sequence[str]) -> None:
    environment = {"PATH": os.defpath, "BFF_DATABASE_URL": url}
    result = subprocess.run([sys.executable, "-m", "cli.main", *command], cwd=folder, env=environment, check=False)
    if result.returncode:
        raise BenchError(f"'bff {' '.join(command)}' of the earlier revision failed")


def _page(measured: Mapping[str, Measured], plan: Plan, people: int) -> Iterator[str]:
    newer, earlier = measured
    when = datetime.now(UTC).date().isoformat()
    yield "# The home screen beside an earlier revision"
    yield ""
    yield (
        f"Written by `make bench-earlier REVISION={earlier}` on {when}: {people:,} people, medians of {plan.rounds} "
        f"rounds of {plan.seconds:g} seconds, servers in turn, as in [home.md](home.md). Each revision has a database "
        "of its own with the same seed. Both run with the packages that are installed now. Responses are not cached."
    )
    yield ""
    yield "| | requests/s | p99, ms | CPU, ms | database CPU, ms | bytes | values |"
    yield "|---|---|---|---|---|---|---|"
    for name, found in measured.items():
        samples = found.samples
        yield (
            f"| {name} | {median(sample.requests_per_second for sample in samples):,.0f} "
            f"| {median(sample.p99_ms for sample in samples):.1f} | {median(sample.cpu_ms for sample in samples):.3f} "
            f"| {median(sample.database_cpu_ms for sample in samples):.3f} | {found.answer_bytes:,.0f} "
            f"| {found.answer_values:.0f} |"
        )
    yield ""
    ratio = median(
        now.cpu_ms / before.cpu_ms
        for now, before in zip(measured[newer].samples, measured[earlier].samples, strict=True)
    )
    yield f"CPU of {newer}: {ratio:.3f} times that of {earlier} (median of the rounds)."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.earlier", description=__doc__)
    add = parser.add_argument
    add("revision", metavar="REVISION", help="a commit, tag or branch")
    add("--newer", metavar="REVISION", help="the revision that is compared with it (default: the present files)")
    add("--rounds", type=int, default=7, metavar="N", help="measured spans per server (default 7)")
    add("--seconds", type=float, default=8.0, metavar="S", help="length of a span (default 8)")
    add("--warm-up", type=float, default=5.0, metavar="S", help="load on each server before the first span (default 5)")
    add("--people", type=int, default=20_000, metavar="N", help="users of the databases (default 20000)")
    add("--postgres", default=POSTGRES, metavar="URL", help=f"a server to create databases on (default {POSTGRES})")
    add("--output", type=Path, default=PROJECT / "bench/results", metavar="DIR", help="default bench/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
