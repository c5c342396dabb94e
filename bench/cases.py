"""Defines the comparisons of the home screen, and takes their samples."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.answers import ask, check_compiled, compare, size_of
from bench.load import Load, Sample
from bench.processes import on_cpus
from bench.servers import Contender, Running, ServerSettings, mercurius, ours, started
from bench.world import World, home_request, say, tokens

OURS, STOCK, JOINED, LOADERS = "ours", "ours, stock execution", "Mercurius, joins", "Mercurius, loaders"
ONE, TWO = "one CPU, one process", "two CPUs, two processes"

Worlds = Callable[[int], World]
"""Returns the seeded database with a number of users."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Pairs a contender with the database that it serves."""

    contender: Contender
    world: World


@dataclass(frozen=True, slots=True)
class Plan:
    """Says how long and how often a comparison measures."""

    rounds: int
    seconds: float
    warm_up: float
    secret_keys: str


@dataclass(slots=True)
class Measured:
    """Holds the samples of one contender and the size of its responses."""

    people: int
    answer_bytes: float = 0
    answer_values: float = 0
    samples: list[Sample] = field(default_factory=list[Sample])


def home(worlds: Worlds, plan: Plan, many: int, _few: int) -> list[Entry]:
    world = worlds(many)
    settings = ServerSettings(world.url, plan.secret_keys)
    contenders = [
        ours(OURS, settings),
        ours(STOCK, settings, BFF_EXECUTION="stock"),
        mercurius(JOINED, settings, "joined"),
        mercurius(LOADERS, settings, "loaders"),
    ]
    return [Entry(contender, world) for contender in contenders]


def growth(worlds: Worlds, plan: Plan, many: int, few: int) -> list[Entry]:
    return [
        Entry(ours(f"{people:,} people", ServerSettings(world.url, plan.secret_keys)), world)
        for people, world in ((people, worlds(people)) for people in (few, many))
    ]


def processes(worlds: Worlds, plan: Plan, many: int, _few: int) -> list[Entry]:
    world = worlds(many)
    settings = ServerSettings(world.url, plan.secret_keys)
    contenders = [ours(ONE, settings, on_one_machine=True), ours(TWO, settings, processes=2, on_one_machine=True)]
    return [Entry(contender, world) for contender in contenders]


CASES: Mapping[str, Callable[[Worlds, Plan, int, int], list[Entry]]] = {
    "home": home,
    "growth": growth,
    "processes": processes,
}


def measure(entries: Sequence[Entry], plan: Plan, database: int | None) -> dict[str, Measured]:
    """Returns the samples of each contender. Contenders take turns, and each round begins with another one.

    `database` is PostgreSQL's parent process. Its children are pinned to the CPUs that the contender does not use.
    """

    def sample(turn: int, seconds: float) -> Sample:
        with on_cpus(database, entries[turn].contender.load_cpus):
            return loads[turn].run(running[turn], entries[turn].world.url, seconds)

    measured = {entry.contender.name: Measured(entry.world.people) for entry in entries}
    body = home_request()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        running = [stack.enter_context(started(entry.contender)) for entry in entries]
        loads = [_load(folder / str(place), body, entry, plan) for place, entry in enumerate(entries)]
        _check(entries, running, body, plan, measured)
        for turn in range(len(entries)):
            sample(turn, plan.warm_up)
        for number in range(plan.rounds):
            for place in range(len(entries)):
                turn = (place + number) % len(entries)
                found = sample(turn, plan.seconds)
                measured[entries[turn].contender.name].samples.append(found)
                _print_sample(number, entries[turn], found)
        _check(entries, running, body, plan, measured)
    return measured


def _load(folder: Path, body: bytes, entry: Entry, plan: Plan) -> Load:
    folder.mkdir()
    return Load(folder, body, tokens(entry.world, plan.secret_keys))


def _check(
    entries: Sequence[Entry], running: Sequence[Running], body: bytes, plan: Plan, measured: Mapping[str, Measured]
) -> None:
    """Checks the responses for every token. Contenders with the same database must send the same responses."""
    answers = [
        ask(server, body, tokens(entry.world, plan.secret_keys)) for entry, server in zip(entries, running, strict=True)
    ]
    for url in {entry.world.url for entry in entries}:
        compare(
            [
                (server, responses)
                for entry, server, responses in zip(entries, running, answers, strict=True)
                if entry.world.url == url
            ]
        )
    for entry, server, responses in zip(entries, running, answers, strict=True):
        check_compiled(server)
        found = measured[entry.contender.name]
        found.answer_bytes, found.answer_values = size_of(responses)


def _print_sample(number: int, entry: Entry, sample: Sample) -> None:
    say(
        f"  {number + 1}. {entry.contender.name:<24} {sample.requests_per_second:7.1f}/s  p50 {sample.p50_ms:7.1f} ms  "
        f"p99 {sample.p99_ms:7.1f} ms  CPU {sample.cpu_ms:6.2f} ms  "
        f"CPUs {sample.server_cpu_busy:4.0%} {sample.load_cpu_busy:4.0%}"
    )
    sys.stderr.flush()
