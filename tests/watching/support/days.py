"""Synthetic days of a backend: its counters and gauges every two minutes, with incidents of twelve kinds.

The load follows the hour and the day of the week and grows. Each signal has noise of its own, deployments set counters
to 0, scrapes are missed, and campaigns of some minutes raise the load: none of these is an incident.
"""

import math
import random
from collections.abc import Callable
from typing import NamedTuple

STEP_SECONDS = 120
DAYS, QUIET_DAYS = 15, 8
"""The number of days, and of those without incidents at their beginning."""

_PER_DAY = 86_400 // STEP_SECONDS
_BOUNDS = (0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class State(NamedTuple):
    """The work of one step, per second, and the state at its end."""

    requests: float
    server_errors: float
    client_errors: float
    problems: float
    p95: float
    statements: float
    hits: float
    connections: float
    events: float
    projected: float
    sent: float
    cpu: float


class Incident(NamedTuple):
    """A kind of incident, what it does to a step, and its first and last step."""

    kind: str
    change: Callable[[State], State]
    begin: int
    end: int


def _falls(part: float) -> Callable[[State], State]:
    def change(state: State) -> State:
        names = ("requests", "problems", "events", "projected", "sent")
        return state._replace(**{name: getattr(state, name) * part for name in names})

    return change


KINDS: dict[str, Callable[[State], State]] = {
    "requests fall by 60%": _falls(0.4),
    "requests grow to 2.2 times": _falls(2.2),
    "3% of requests fail": lambda state: state._replace(server_errors=0.03),
    "an app sends invalid requests": lambda state: state._replace(client_errors=state.client_errors + 0.06),
    "cards are declined": lambda state: state._replace(problems=state.problems * 3.5),
    "the database is slow": lambda state: state._replace(p95=state.p95 * 2.5),
    "rows are read one by one": lambda state: state._replace(statements=state.statements * 2),
    "Redis evicts responses": lambda state: state._replace(hits=state.hits * 0.5, cpu=state.cpu * 1.5),
    "half of the connections end": lambda state: state._replace(connections=state.connections * 0.5),
    "the bus delivers nothing": lambda state: state._replace(events=state.events * 0.1),
    "the relay projects little": lambda state: state._replace(projected=state.projected * 0.2),
    "a push provider rejects its key": lambda state: state._replace(sent=state.sent * 0.2),
}


def incidents(random_: random.Random) -> list[Incident]:
    """Returns one incident of each kind in a random order, of 50 to 120 minutes, at least six hours apart."""
    kinds = list(KINDS.items())
    random_.shuffle(kinds)
    room = (DAYS - QUIET_DAYS) * _PER_DAY / len(kinds)
    found: list[Incident] = []
    for number, (kind, change) in enumerate(kinds):
        begin = int(QUIET_DAYS * _PER_DAY + number * room + random_.uniform(0, room / 3))
        found.append(Incident(kind, change, begin, begin + random_.randint(25, 60)))
    return found


class Days:
    """Simulates the days. `series` are the values of each series, as promtool reads them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable
        self.incidents = incidents(self._random)
        self.series: dict[str, list[str]] = {}
        self._totals: dict[str, float] = {}
        self._drifts = dict.fromkeys(State._fields, 0.0)
        self._campaigns = {
            day * _PER_DAY + self._random.randrange(_PER_DAY - 2) for day in range(DAYS) if self._random.random() < 0.5
        }
        for step in range(DAYS * _PER_DAY):
            self._simulate(step)

    def _simulate(self, step: int) -> None:
        state = self._usual(step)
        for incident in self.incidents:
            if incident.begin <= step < incident.end:
                state = incident.change(state)
        if step % _PER_DAY == _PER_DAY // 2:
            self._totals.clear()  # a deployment
        is_missed = self._random.random() < 0.002
        self._write(state, is_missed=is_missed)

    def _usual(self, step: int) -> State:
        day, hour = step // _PER_DAY, step % _PER_DAY * 24 / _PER_DAY
        shape = 0.25 + 0.75 * max(0.0, math.sin((hour - 7) / 16 * math.pi)) ** 0.8 if 7 <= hour < 23 else 0.25
        load = shape * (0.75 if day % 7 in {5, 6} else 1.0) * 1.008**day
        if any(start <= step < start + 2 for start in self._campaigns):
            load *= 1.5
        noise = self._noise
        return State(
            requests=60 * load * noise("requests", 0.03),
            server_errors=0.0005 * noise("server_errors", 0.3),
            client_errors=0.02 * noise("client_errors", 0.1),
            problems=0.8 * load * noise("problems", 0.05),
            p95=0.06 * (1 + 0.6 * load) * noise("p95", 0.06),
            statements=4.5 * noise("statements", 0.02),
            hits=0.55 * noise("hits", 0.02),
            connections=4000 * load * noise("connections", 0.02),
            events=25 * load * noise("events", 0.05),
            projected=8 * load * noise("projected", 0.05),
            sent=6 * load * noise("sent", 0.06),
            cpu=0.002 * noise("cpu", 0.04),
        )

    def _noise(self, name: str, size: float) -> float:
        """Returns a factor near 1 that changes slowly."""
        drift = 0.9 * self._drifts[name] + math.sqrt(1 - 0.9**2) * self._random.gauss(0, size)
        self._drifts[name] = drift
        return math.exp(drift)

    def _write(self, state: State, *, is_missed: bool) -> None:
        requests = self._number(state.requests)
        hits, executions = requests * min(state.hits, 1.0), requests * max(1 - state.hits, 0.0)
        failed, wrong = (
            self._number(state.requests * state.server_errors),
            self._number(state.requests * state.client_errors),
        )
        counted = {
            'bff_operation_requests_total{job="bff",result="ok"}': max(requests - failed - wrong, 0),
            'bff_operation_requests_total{job="bff",result="server_error"}': failed,
            'bff_operation_requests_total{job="bff",result="client_error"}': wrong,
            'bff_operation_problems_total{job="bff",code="PAYMENT_DECLINED"}': self._number(state.problems),
            'bff_operation_executions_total{job="bff"}': executions,
            'bff_operation_statements_total{job="bff"}': executions * state.statements,
            'bff_response_cache_total{job="bff",result="hit"}': hits,
            'bff_response_cache_total{job="bff",result="miss"}': executions,
            'bff_live_events_total{job="bff"}': self._number(state.events),
            'bff_relay_projected_events_total{job="bff-worker"}': self._number(state.projected),
            'bff_deliveries_total{job="bff-worker",outcome="sent"}': self._number(state.sent),
            'process_cpu_seconds_total{job="bff"}': requests * state.cpu,
        }
        for bound in _BOUNDS:
            part = 1 - math.exp(-3 * bound / state.p95)
            counted[f'bff_operation_seconds_bucket{{job="bff",le="{bound}"}}'] = requests * part
        counted['bff_operation_seconds_bucket{job="bff",le="+Inf"}'] = requests
        for name, number in counted.items():
            self._totals[name] = self._totals.get(name, 0.0) + number
        gauges = {'bff_open_connections{job="bff"}': state.connections}
        for name, value in {**self._totals, **gauges}.items():
            self.series.setdefault(name, []).append(
                "_" if is_missed else f"{value:.6g}" if name in gauges else f"{value:.2f}"
            )

    def _number(self, per_second: float) -> float:
        """Returns how often something random happens in a step."""
        mean = per_second * STEP_SECONDS
        return max(0.0, float(round(self._random.gauss(mean, math.sqrt(mean)))))
