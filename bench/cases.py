"""Defines the comparisons of the home screen, and takes their samples."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.answers import ask, check_compiled, compare, size_of, store
from bench.load import Load, Sample
from bench.operations import Operation, home_screen
from bench.peer_statements import peer_statements
from bench.processes import on_cpus
from bench.servers import Contender, Running, ServerSettings, mercurius, ours, started
from bench.world import World, say, tokens

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
    statements = peer_statements(settings, home_screen(), tokens(world, plan.secret_keys))
    contenders = [
        ours(OURS, settings),
        ours(STOCK, settings, BFF_EXECUTION="stock"),
        mercurius(JOINED, settings, "joined", statements),
        mercurius(LOADERS, settings, "loaders", statements),
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


@dataclass(frozen=True, slots=True)
class _Compared:
    """A running contender, its load, and the access tokens of the users that send the operation."""

    entry: Entry
    running: Running
    load: Load
    callers: Sequence[str]
    measured: Measured

    @property
    def name(self) -> str:
        return self.entry.contender.name


def measure(entries: Sequence[Entry], plan: Plan, database: int | None, operation: Operation) -> dict[str, Measured]:
    """Returns the samples of each contender. Contenders take turns, and each round begins with another one.

    `database` is PostgreSQL's parent process. Its children are pinned to the CPUs that the contender does not use.
    """

    def sample(each: _Compared, seconds: float) -> Sample:
        with on_cpus(database, each.entry.contender.load_cpus):
            return each.load.run(each.running, each.entry.world.url, seconds)

    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        compared = [_start(stack, folder, entry, plan, operation) for entry in entries]
        _check(compared, operation)
        for each in compared:
            sample(each, plan.warm_up)
        for number in range(plan.rounds):
            for place in range(len(entries)):
                each = compared[(place + number) % len(entries)]
                found = sample(each, plan.seconds)
                each.measured.samples.append(found)
                _print_sample(number, each.name, found)
        _check(compared, operation)
    return {each.name: each.measured for each in compared}


def _start(stack: ExitStack, folder: Path, entry: Entry, plan: Plan, operation: Operation) -> _Compared:
    running = stack.enter_context(started(entry.contender))
    own = folder / str(running.ports[0])
    own.mkdir()
    callers = tokens(entry.world, plan.secret_keys)
    return _Compared(entry, running, Load(own, operation, callers), callers, Measured(entry.world.people))


def _check(compared: Sequence[_Compared], operation: Operation) -> None:
    """Checks the responses for every token. Contenders with the same database must send the same responses.

    The responses of the first contender are stored in a bare one.
    """
    answers: list[list[bytes]] = []
    for each in compared:
        if each.entry.contender.is_bare:
            store(each.running, compared[0].running, operation, each.callers, answers[0])
        answers.append(ask(each.running, operation, each.callers))
    by_url: dict[str, list[tuple[Running, list[bytes]]]] = {}
    for each, responses in zip(compared, answers, strict=True):
        by_url.setdefault(each.entry.world.url, []).append((each.running, responses))
        check_compiled(each.running)
        each.measured.answer_bytes, each.measured.answer_values = size_of(responses)
    for same in by_url.values():
        compare(same)


def _print_sample(number: int, name: str, sample: Sample) -> None:
    say(
        f"  {number + 1}. {name:<24} {sample.requests_per_second:7.1f}/s  p50 {sample.p50_ms:7.1f} ms  "
        f"p99 {sample.p99_ms:7.1f} ms  CPU {sample.cpu_ms:6.3f} ms  "
        f"CPUs {sample.server_cpu_busy:4.0%} {sample.load_cpu_busy:4.0%}"
    )
    sys.stderr.flush()
