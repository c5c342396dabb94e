"""Profiles one request for the home screen in our server."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import uvloop

from bench.answers import ask, store
from bench.bars import bars
from bench.cases import OURS, Plan
from bench.inprocess import Application, Tape, opened
from bench.load import Load
from bench.operations import home_screen
from bench.processes import SERVER_CPU
from bench.sampling import Collections, Place, collecting, not_collecting, sampled
from bench.servers import Running, ServerSettings, bare, ours, started
from bench.world import World, home_request, say, tokens
from core.settings import Settings

_REQUESTS = 400
_SAMPLES = 4000
_MAX_RUNS = 40
_FUNCTIONS = 30

PARTS = {
    "the application: Starlette, middleware, endpoint": (
        "starlette",
        "gateway/app.py",
        "gateway/endpoint.py",
        "gateway/execution/operation.py",
        "gateway/http/compression.py",
        "gateway/http/front.py",
        "gateway/http/headers.py",
        "gateway/http/limits.py",
        "gateway/http/security.py",
        "gateway/http/request_log.py",
    ),
    "authentication": (
        "gateway/callers/authentication.py",
        "gateway/callers/reader.py",
        "services/security/access_tokens.py",
        "core/clock.py",
        "jwt",
    ),
    "reading the request": ("gateway/requests/bodies.py", "gateway/requests/reader.py"),
    "document, operation, argument limits": (
        "gateway/execution/operations.py",
        "gateway/documents/reader.py",
        "gateway/documents/argument_limits.py",
    ),
    "execution: graphql-core": ("graphql",),
    "execution: Strawberry": ("strawberry",),
    "execution: fields of ours": ("schema", "resolvers"),
    "execution: ids and cursors": ("core/global_ids.py", "core/paging.py"),
    "services and loaders": ("services", "loaders", "models", "aiodataloader"),
    "JSON and the response": ("gateway/http/responses.py",),
    "event loop: tasks, callbacks": ("uvloop",),
}
_ASKING, _REPLAYING = "bench", "Tape."


@dataclass(frozen=True, slots=True)
class Times:
    """Holds the microseconds per request.

    They are of the whole server, of HTTP without an application, of the application in process, and of the application
    with replayed rows.
    """

    served: float
    http: float
    direct: float
    replayed: float
    collecting: float
    collections: float
    places: Counter[Place]


def profile(world: World, plan: Plan, folder: Path) -> None:
    """Writes `home-profile.md` and `home-profile.svg`."""
    server_settings = ServerSettings(world.url, plan.secret_keys)
    os.sched_setaffinity(0, {SERVER_CPU})
    with (
        started(ours(OURS, server_settings)) as server,
        started(bare("HTTP alone", server_settings)) as nothing,
        TemporaryDirectory() as temporary,
    ):
        operation, callers = home_screen(), tokens(world, plan.secret_keys)
        store(nothing, server, operation, callers, ask(server, operation, callers))
        load = Load(Path(temporary), operation, callers)

        def over_http(running: Running, seconds: float) -> float:
            return load.run(running, world.url, seconds).cpu_ms * 1e3

        def measure_both() -> tuple[float, float]:
            return over_http(server, plan.seconds), over_http(nothing, plan.seconds / 2)

        over_http(server, plan.warm_up)
        over_http(nothing, 1)
        times = uvloop.run(_measure(world, plan, server_settings, measure_both))
    (folder / "home-profile.md").write_text("\n".join(_page(times, plan.rounds)) + "\n")
    parts = {"one home screen": dict(_parts(times))}
    (folder / "home-profile.svg").write_text(bars("CPU of our server by part", "microseconds", parts))


async def _measure(
    world: World, plan: Plan, server_settings: ServerSettings, over_http: Callable[[], tuple[float, float]]
) -> Times:
    """Alternates the kinds of runs, and samples the stack after them."""
    settings = Settings(
        env="production",
        database_url=world.url,
        database_pool=server_settings.database_pool,
        secret_keys=plan.secret_keys,
        log_level="WARNING",
    )
    tape, found = Tape(), Collections()
    runs: list[tuple[float, ...]] = []
    async with opened(settings, home_request(), tokens(world, plan.secret_keys)) as application:
        tape.record()
        await application.microseconds(_REQUESTS)
        for number in range(plan.rounds):
            served, http = await asyncio.to_thread(over_http)
            tape.stop()
            with collecting(found):
                direct = await application.microseconds(_REQUESTS)
            tape.replay()
            with not_collecting():
                replayed = await application.microseconds(_REQUESTS)
            runs.append((served, http, direct, replayed))
            numbers = ", ".join(f"{each:,.0f}" for each in runs[-1])
            say(f"  {number + 1}. server, HTTP alone, in process, replayed: {numbers} µs")
        places = await _samples(application)
        tape.stop()
    requests = _REQUESTS * plan.rounds
    served, http, direct, replayed = (median(numbers) for numbers in zip(*runs, strict=True))
    return Times(served, http, direct, replayed, found.seconds * 1e6 / requests, found.number / requests, places)


async def _samples(application: Application) -> Counter[Place]:
    places: Counter[Place] = Counter()
    for _ in range(_MAX_RUNS):
        with not_collecting(), sampled() as found:
            await application.microseconds(_REQUESTS)
        places.update(found)
        if places.total() >= _SAMPLES:
            break
    return places


def _page(times: Times, rounds: int) -> Iterator[str]:
    when = datetime.now(UTC).date().isoformat()
    samples = times.places.total()
    yield "# Profile of one home screen"
    yield ""
    yield (
        f"Written by `make bench-profile` on {when}. CPU microseconds per request in our server, without PostgreSQL's "
        f"own. Medians of {rounds} runs."
    )
    yield ""
    yield (
        "HTTP is measured separately: the same load on an application that sends as many bytes from memory. The rest "
        "is measured in process: the same requests to the application, and again without garbage collection and with "
        "the rows of each statement replayed from memory. The difference is the time of the garbage collector, which "
        f"is measured too, and of the database driver. {samples:,} samples of the stack, taken by CPU time during the "
        "replay, divide the remainder. A sample counts for the innermost function of the product or of a package, so C "
        "code and the standard library count for their caller. The error of a part of one tenth is about "
        f"{_error(samples):.0%} of it."
    )
    yield ""
    yield "| Part | µs | |"
    yield "|---|---|---|"
    parts = _parts(times)
    total = sum(microseconds for _, microseconds in parts)
    for name, microseconds in parts:
        yield f"| {name} | {microseconds:,.0f} | {microseconds / total:.0%} |"
    yield f"| **all** | **{total:,.0f}** | |"
    yield ""
    yield f"For comparison: `bff serve` under the same load takes {times.served:,.0f} µs per request."
    yield ""
    yield f"The {_FUNCTIONS} most expensive functions, without HTTP, the driver and the garbage collector:"
    yield ""
    yield "| Function | µs |"
    yield "|---|---|"
    own = ((place, count) for place, count in times.places.most_common() if not place[0].startswith(_ASKING))
    for (owner, function), count in islice(own, _FUNCTIONS):
        yield f"| `{owner}` {function.replace('.<locals>', '')} | {times.replayed * count / samples:,.0f} |"


def _parts(times: Times) -> list[tuple[str, float]]:
    one = times.replayed / times.places.total()
    rest: Counter[str] = Counter()
    replaying = 0.0
    for (owner, function), count in times.places.items():
        if not owner.startswith(_ASKING):
            rest[_part(owner)] += count
        elif function.startswith(_REPLAYING):
            replaying += count * one
    measured = [
        ("HTTP: uvicorn, httptools, sockets", times.http),
        ("SQL: adapters, libpq, psycopg", times.direct - times.collecting - times.replayed + replaying),
        (f"garbage collector ({times.collections:.2f} runs)", times.collecting),
    ]
    return measured + [(name, count * one) for name, count in rest.most_common()]


def _part(owner: str) -> str:
    """Returns the part that contains a package or file. Others are parts of their own."""
    folder = owner.partition("/")[0]
    for part, owners in PARTS.items():
        if owner in owners:
            return part
    for part, owners in PARTS.items():
        if folder in owners:
            return part
    return folder


def _error(samples: int) -> float:
    """Returns the relative standard deviation of a part of one tenth."""
    return (0.9 / (0.1 * samples)) ** 0.5
