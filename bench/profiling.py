"""Where the time of one request of the home screen goes, in our server."""

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

from bench.cases import OURS, Plan
from bench.inprocess import Application, Tape, opened
from bench.load import Load
from bench.processes import SERVER_CPU
from bench.sampling import Collections, Place, collecting, not_collecting, sampled
from bench.servers import Running, Surroundings, bare, ours, started
from bench.world import World, home_request, say, tokens
from core.settings import Settings

_REQUESTS = 400
_SAMPLES = 4000
_MAX_RUNS = 40
_FUNCTIONS = 30

_PARTS = {
    "the application: Starlette, middleware, endpoint": (
        "starlette",
        "gateway/app.py",
        "gateway/endpoint.py",
        "gateway/execution/kinds.py",
        "gateway/http/compression.py",
        "gateway/http/fast_path.py",
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
    "finding the parsed document, choosing, bounds": (
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
    """Microseconds of a request.

    Of the whole server, of HTTP without an application, of the application in process, and of that with the database's
    rows replayed.
    """

    served: float
    http: float
    direct: float
    replayed: float
    collecting: float
    collections: float
    places: Counter[Place]


def profile(world: World, plan: Plan, folder: Path) -> None:
    """Writes `home-profile.md`."""
    given = Surroundings(world.url, plan.secret_keys)
    os.sched_setaffinity(0, {SERVER_CPU})
    with started(ours(OURS, given)) as server, started(bare(given)) as nothing, TemporaryDirectory() as temporary:
        load = Load(Path(temporary), home_request(), tokens(world, plan.secret_keys))

        def over_http(running: Running, seconds: float) -> float:
            return load.run(running, world.url, seconds).cpu_ms * 1e3

        def measure_both() -> tuple[float, float]:
            return over_http(server, plan.seconds), over_http(nothing, plan.seconds / 2)

        over_http(server, plan.warm_up)
        over_http(nothing, 1)
        times = uvloop.run(_measure(world, plan, given, measure_both))
    (folder / "home-profile.md").write_text("\n".join(_page(times, plan.rounds)) + "\n")


async def _measure(
    world: World, plan: Plan, given: Surroundings, over_http: Callable[[], tuple[float, float]]
) -> Times:
    """The kinds of runs take turns; the samples come after them."""
    settings = Settings(
        env="production",
        database_url=world.url,
        database_pool=given.database_pool,
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
    yield "# Where the time of one home screen goes"
    yield ""
    yield (
        f"Written by `make bench-profile` on {when}. Microseconds of processor time of a request, in our server; "
        f"PostgreSQL's own are left out. Medians of {rounds} runs."
    )
    yield ""
    yield (
        "What HTTP takes is measured by itself: the same load on an application that answers as many bytes from "
        "memory. The rest is measured in process: the same requests handed to the application, and the same again "
        "without garbage collection and with the rows of each statement replayed from memory. The difference is what "
        "the garbage collector takes, which is measured too, and what the database's driver takes. What remains is "
        f"divided by {samples:,} samples of the stack, taken at ticks of the processor's time while rows are replayed: "
        "a sample counts for the innermost function that is ours or a package's, so what runs in C or in the standard "
        f"library counts for its caller. A part of one tenth of that is right to about {_error(samples):.0%} of itself."
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
    yield f"For comparison: `bff serve` under the same load takes {times.served:,.0f} µs a request."
    yield ""
    yield f"The {_FUNCTIONS} functions that take most, without HTTP, the driver and the garbage collector:"
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
        ("SQL: adapters, Tortoise, asyncpg", times.direct - times.collecting - times.replayed + replaying),
        (f"garbage collector ({times.collections:.2f} runs)", times.collecting),
    ]
    return measured + [(name, count * one) for name, count in rest.most_common()]


def _part(owner: str) -> str:
    """The part that a package or a file of ours belongs to; what no part names is shown by itself."""
    folder = owner.partition("/")[0]
    for part, owners in _PARTS.items():
        if owner in owners:
            return part
    for part, owners in _PARTS.items():
        if folder in owners:
            return part
    return folder


def _error(samples: int) -> float:
    """The standard deviation of a part of one tenth, as a part of itself."""
    return (0.9 / (0.1 * samples)) ** 0.5
