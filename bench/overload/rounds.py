"""Runs the rounds of the measurement."""

import asyncio
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import uvloop

from bench.overload.load import Load, Outcome
from bench.overload.requests import SHARES, Requests
from bench.processes import backends, cpu_seconds
from bench.servers import Contender, Running, ServerSettings, ours, started
from bench.transfers.people import Bank
from bench.world import World, say, tokens

FACTOR = 4.0
CONNECTIONS = 16
"""Connections of the closed loop, which keep the server busy."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Holds the options of a measurement. Times are in seconds."""

    rounds: int
    seconds: float
    warm_up: float
    keys: str
    factor: float


@dataclass(frozen=True, slots=True)
class Span:
    """Holds the outcomes of a span, its seconds, and the CPUs that the server, the database and the load used."""

    outcomes: Sequence[Outcome]
    seconds: float
    server_cpu: float
    database_cpu: float
    load_cpu: float

    @property
    def goodput(self) -> float:
        """The good responses per second."""
        return self.rate("good")

    def rate(self, result: str, priority: str = "") -> float:
        """Returns the outcomes with a result per second, of one priority or of all."""
        return self._count(result, priority) / self.seconds

    def share(self, priority: str, result: str = "good") -> float:
        """Returns the share of the requests of a priority with this result."""
        total = sum(outcome.priority == priority for outcome in self.outcomes)
        return self._count(result, priority) / total if total else 0.0

    def percentile(self, share: float, priority: str = "") -> float:
        """Returns a percentile of the seconds of what was not shed."""
        chosen = [each for each in self.outcomes if each.result != "shed" and priority in ("", each.priority)]
        found = sorted(outcome.seconds for outcome in chosen)
        return found[int(len(found) * share)] if found else 0.0

    def _count(self, result: str, priority: str) -> int:
        chosen = (each for each in self.outcomes if each.result == result)
        return sum(priority in ("", each.priority) for each in chosen)


@dataclass(frozen=True, slots=True)
class Round:
    """Holds the spans of one round: the peak in a closed loop, and the overload with the limit and without."""

    peaks: Mapping[str, Span]
    overloads: Mapping[str, Span]

    @property
    def peak(self) -> float:
        """The good responses per second in a closed loop, without the limit."""
        return self.peaks["off"].goodput


def measure(bank: Bank, plan: Plan) -> list[Round]:
    """Returns the rounds. With and without the limit take turns, and each has a process of its own."""
    rounds = list[Round]()
    for number in range(plan.rounds):
        peaks, overloads = dict[str, Span](), dict[str, Span]()
        for limit in ("off", "on"):
            with started(_server(bank, plan, limit)) as running:
                peaks[limit] = _closed(bank, plan, running, number)
        rate = plan.factor * peaks["off"].goodput
        for limit in ("on", "off") if number % 2 else ("off", "on"):
            with started(_server(bank, plan, limit)) as running:
                _closed(bank, plan, running, number)
                overloads[limit] = _open(bank, plan, running, rate)
        rounds.append(Round(peaks, overloads))
        _report(rounds[-1])
    return rounds


def _server(bank: Bank, plan: Plan, limit: str) -> Contender:
    daily = "USD=900000,EUR=900000,GBP=900000,JPY=900000,INR=900000"
    shared = ServerSettings(bank.url, plan.keys)
    return ours(f"limit {limit}", shared, BFF_OVERLOAD=limit, BFF_PAYMENTS_MAX_DAILY=daily)


def _requests(bank: Bank, plan: Plan, seed: int) -> Requests:
    return Requests(bank, tokens(World(len(bank.people), bank.url, bank.people), plan.keys), seed)


def _closed(bank: Bank, plan: Plan, running: Running, seed: int) -> Span:
    requests = _requests(bank, plan, seed)

    async def run() -> Span:
        await Load(running.ports[0], requests).closed_loop(CONNECTIONS, plan.warm_up)
        meter = await _Meter.start(bank, running)
        outcomes = await Load(running.ports[0], requests).closed_loop(CONNECTIONS, plan.seconds)
        return await meter.span(outcomes, plan.seconds)

    return _run(run())


def _open(bank: Bank, plan: Plan, running: Running, rate: float) -> Span:
    requests = _requests(bank, plan, 0)

    async def run() -> Span:
        meter = await _Meter.start(bank, running)
        outcomes = await Load(running.ports[0], requests).open_loop(rate, plan.seconds)
        return await meter.span(outcomes, plan.seconds)

    return _run(run())


@dataclass(frozen=True, slots=True)
class _Meter:
    """Measures the CPU times of a span."""

    url: str
    running: Running
    begun: float
    server: float
    database: Mapping[int, float]
    load: float

    @classmethod
    async def start(cls, bank: Bank, running: Running) -> "_Meter":
        database = {pid: cpu_seconds([pid]) for pid in await backends(bank.url)}
        return cls(bank.url, running, time.monotonic(), cpu_seconds(running.pids), database, time.process_time())

    async def span(self, outcomes: Sequence[Outcome], seconds: float) -> Span:
        """Returns the span that ends now. Backends that have ended do not count."""
        elapsed = time.monotonic() - self.begun
        load, server = time.process_time() - self.load, cpu_seconds(self.running.pids) - self.server
        database = sum(cpu_seconds([pid]) - self.database.get(pid, 0.0) for pid in await backends(self.url))
        return Span(outcomes, seconds, server / elapsed, database / elapsed, load / elapsed)


def _run(span: Coroutine[Any, Any, Span]) -> Span:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(span)


def _report(done: Round) -> None:
    say(f"peak {done.peak:.0f}/s, with the limit {done.peaks['on'].goodput:.0f}/s; {_cpus(done.peaks['off'])}")
    for limit, span in done.overloads.items():
        shares = ", ".join(f"{priority} {span.share(priority):.0%}" for priority in SHARES)
        rates = ", ".join(f"{result} {span.rate(result):.1f}/s" for result in ("good", "shed", "late", "failed"))
        say(
            f"limit {limit}: {rates}; {span.goodput / done.peak:.2f} of the peak; p99 {span.percentile(0.99):.3f} s; "
            f"{shares}; {_cpus(span)}"
        )


def _cpus(span: Span) -> str:
    return f"CPUs: server {span.server_cpu:.2f}, database {span.database_cpu:.2f}, load {span.load_cpu:.2f}"
