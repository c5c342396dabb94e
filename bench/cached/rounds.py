"""Takes the samples. Before each span the cache of the server is filled again, so that no response expires in it."""

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from bench.answers import ask, compare, store
from bench.cached.contenders import APOLLO, BARE, DATABASES, OURS, YOGA, ours, peer, uncached
from bench.cached.redis import RedisServer
from bench.cached.statements import Statements, counted
from bench.load import Load, Sample
from bench.operations import home_screen
from bench.peer_statements import peer_statements
from bench.processes import cpu_seconds
from bench.servers import Contender, Running, ServerSettings, bare, started
from bench.world import BenchError, World, say, tokens

MAX_SECONDS = 40.0
"""Responses are cached for 60 seconds from before the span."""

_FILL_SECONDS = 15.0
_OFTEN = 0.5
"""A statement of a home screen is executed for more than this share of the first requests. Others are of loops."""
_PERMITTED = frozenset({"data", "extensions"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Says how long and how often to measure, and whether ours has no cache yet."""

    rounds: int
    seconds: float
    warm_up: float
    secret_keys: str
    ours_uncached: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Holds a sample, the CPU of Redis per request in milliseconds, and the executed statements.

    `home` are statements of the home screen, `others` those of loops of the server. Both are None if not counted.
    """

    sample: Sample
    redis_cpu_ms: float
    home: int | None
    others: int | None


@dataclass(slots=True)
class Measured:
    """Holds the spans of a server, the mean size of its responses, and the statements of a response without a cache."""

    answer_bytes: float = 0
    miss_statements: float | None = None
    spans: list[Span] = field(default_factory=list[Span])


@dataclass(slots=True)
class Entry:
    """A running server, its load, and its statements if it has a cache."""

    running: Running
    load: Load
    statements: Statements | None
    is_cached: bool
    home_texts: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.running.contender.name


class Rounds:
    """Measures all servers in turn."""

    def __init__(self, world: World, plan: Plan, redis: RedisServer) -> None:
        self._plan = plan
        self._world = world
        self._redis = redis
        self._operation = home_screen()
        self._tokens = tokens(world, plan.secret_keys)
        self._measured: dict[str, Measured] = {}

    def measure(self) -> Mapping[str, Measured]:
        """Returns the spans of each server. Each round begins with another server."""
        with ExitStack() as stack:
            entries = self._entries(stack)
            self._measured = {entry.name: Measured() for entry in entries}
            self._learn(entries)
            self._check(entries)
            for entry in entries:
                self._span(entry, self._plan.warm_up)
            for number in range(self._plan.rounds):
                for place in range(len(entries)):
                    entry = entries[(place + number) % len(entries)]
                    span = self._span(entry, self._plan.seconds)
                    self._measured[entry.name].spans.append(span)
                    _print_span(number, entry.name, span)
            self._check(entries)
        return self._measured

    def _entries(self, stack: ExitStack) -> list[Entry]:
        folder = Path(stack.enter_context(TemporaryDirectory()))

        def entry(contender: Contender, statements: Statements | None, *, is_cached: bool) -> Entry:
            own = folder / str(len(list(folder.iterdir())))
            own.mkdir()
            load = Load(own, self._operation, self._tokens)
            return Entry(stack.enter_context(started(contender)), load, statements, is_cached)

        def relayed() -> tuple[Statements, ServerSettings]:
            statements = stack.enter_context(counted(self._world.url))
            return statements, ServerSettings(statements.url, self._plan.secret_keys)

        direct = ServerSettings(self._world.url, self._plan.secret_keys)
        given = peer_statements(direct, self._operation, self._tokens)
        is_cached = not self._plan.ours_uncached
        statements, settings = relayed()
        entries = [entry(ours(settings, self._redis, is_cached=is_cached), statements, is_cached=is_cached)]
        for name in (APOLLO, YOGA):
            statements, settings = relayed()
            entries.append(entry(peer(name, settings, self._redis, given), statements, is_cached=True))
        entries.append(entry(bare(BARE, direct), None, is_cached=False))
        entries.append(entry(uncached(direct), None, is_cached=False))
        return entries

    def _span(self, entry: Entry, seconds: float) -> Span:
        if entry.is_cached:
            self._fill(entry)
        if entry.statements is not None:
            entry.statements.taken()
        before = cpu_seconds([self._redis.pid])
        sample = entry.load.run(entry.running, self._world.url, seconds)
        redis_cpu_ms = (cpu_seconds([self._redis.pid]) - before) * 1e3 / sample.requests
        if entry.statements is None:
            return Span(sample, redis_cpu_ms, None, None)
        counts = entry.statements.taken()
        home = _of(counts, entry.home_texts)
        if entry.is_cached and home:
            raise BenchError(
                f"{entry.name}: {home} statements of the home screen in a span: its responses were no hits"
            )
        return Span(sample, redis_cpu_ms, home, counts.total() - home)

    def _fill(self, entry: Entry) -> None:
        """Empties the cache and requests all home screens, until none executes its statements any more."""
        if entry.statements is None:
            return
        self._redis.empty(DATABASES[entry.name])
        entry.statements.taken()
        until = time.monotonic() + _FILL_SECONDS
        while True:
            self._ask(entry)
            if not _of(entry.statements.taken(), entry.home_texts):
                return
            if time.monotonic() > until:
                option = " (--ours-uncached measures a server without it)" if entry.name == OURS else ""
                raise BenchError(
                    f"{entry.name}: 0 statements are not met: the cache does not answer repeated requests{option}"
                )

    def _check(self, entries: Sequence[Entry]) -> None:
        """Checks that all servers send the same data for each token."""
        answers = {entry.name: self._ask(entry) for entry in entries if entry.name != BARE}
        for entry in entries:
            if entry.name == BARE:
                store(entry.running, entries[0].running, self._operation, self._tokens, answers[OURS])
                answers[BARE] = self._ask(entry)
            self._measured[entry.name].answer_bytes = sum(map(len, answers[entry.name])) / len(self._tokens)
        compare([(entry.running, [_data(answer) for answer in answers[entry.name]]) for entry in entries])

    def _learn(self, entries: Sequence[Entry]) -> None:
        """Finds out which statements belong to a home screen, while the caches are empty. Compares the responses."""
        answers: list[tuple[Running, list[bytes]]] = []
        for entry in entries:
            if entry.statements is None:
                continue
            entry.statements.taken()
            answers.append((entry.running, [_data(answer) for answer in self._ask(entry)]))
            counts = entry.statements.taken()
            enough = len(self._tokens) * _OFTEN
            entry.home_texts = frozenset(text for text, times in counts.items() if times > enough)
            if not entry.home_texts:
                raise BenchError(f"{entry.name}: no statement was counted for responses that are not cached")
            self._measured[entry.name].miss_statements = _of(counts, entry.home_texts) / len(self._tokens)
        compare(answers)

    def _ask(self, entry: Entry) -> list[bytes]:
        return ask(entry.running, self._operation, self._tokens, _PERMITTED)


def _data(answer: bytes) -> bytes:
    return orjson.dumps({"data": orjson.loads(answer)["data"]})


def _of(counts: Counter[str], texts: frozenset[str]) -> int:
    return sum(times for text, times in counts.items() if text in texts)


def _print_span(number: int, name: str, span: Span) -> None:
    sample = span.sample
    counted_here = "" if span.home is None else f"  statements {span.home} and {span.others} of loops"
    say(
        f"  {number + 1}. {name:<24} {sample.requests_per_second:8.1f}/s  p50 {sample.p50_ms:6.1f} ms  "
        f"p99 {sample.p99_ms:6.1f} ms  CPU {sample.cpu_ms:6.3f} ms  Redis {span.redis_cpu_ms:6.3f} ms  "
        f"CPUs {sample.server_cpu_busy:4.0%} {sample.load_cpu_busy:4.0%}{counted_here}"
    )
    sys.stderr.flush()
