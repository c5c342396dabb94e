"""Writes the page of results."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from platform import python_version
from statistics import median

from bench.overload.load import GOOD_SECONDS, MAX_CONNECTIONS
from bench.overload.requests import SHARES
from bench.overload.rounds import CONNECTIONS, Plan, Round, Span

GOAL_GOODPUT, GOAL_P99 = 0.8, 1.0
_LIMITS = ("on", "off")
_COLUMNS = (
    *("limit", "peak", "good/s", "of the peak", "shed/s", "late/s", "failed/s", "p50, s", "p99, s"),
    *("server", "database", "load"),
)


def page(rounds: Sequence[Round], plan: Plan) -> str:
    """Returns the page in Markdown."""
    return "\n".join([*_introduction(rounds, plan), *_overload(rounds), *_priorities(rounds), *_verdict(rounds)])


def _introduction(rounds: Sequence[Round], plan: Plan) -> list[str]:
    shares = ", ".join(f"{priority} {share:.0f}%" for priority, share in SHARES.items())
    return [
        "# Overload",
        "",
        f"Written by `make bench-overload` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}.",
        "",
        (
            "One process of `bff serve` on one CPU, with PostgreSQL and without a response cache, gets "
            f"{plan.factor:.0f} times the requests that it can answer, for {plan.seconds:.0f} seconds, at random "
            f"instants that do not depend on responses, over at most {MAX_CONNECTIONS:,} connections. PostgreSQL and "
            f"the load share the other CPU. A response is good if it is a success within {GOOD_SECONDS:.0f} s of the "
            f"instant at which the request was due; a later one is late. The requests: {shares}. Reads are home "
            "screens and inboxes, and money is transfers."
        ),
        "",
        (
            f"The peak is the good responses per second to {CONNECTIONS} clients that wait for each response, without "
            f"the limit. {len(rounds)} rounds; in each, the limit (`BFF_OVERLOAD`) is on and off in turn, with a "
            "process of its own that was warmed up. Times are those of executed requests. The last columns are the "
            "CPUs that each used under the overload. Medians of the rounds, with minimum and maximum in brackets."
        ),
        "",
    ]


def _overload(rounds: Sequence[Round]) -> list[str]:
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}"]
    for limit in _LIMITS:
        cells = [
            _spread([done.peaks[limit].goodput for done in rounds], 0),
            _spans(rounds, limit, lambda span: span.goodput, 0),
            _spread([done.overloads[limit].goodput / done.peak for done in rounds], 2),
            *(_spans(rounds, limit, _rate_of(result), 0) for result in ("shed", "late", "failed")),
            _spans(rounds, limit, lambda span: span.percentile(0.5), 3),
            _spans(rounds, limit, lambda span: span.percentile(0.99), 3),
            _spans(rounds, limit, lambda span: span.server_cpu, 2),
            _spans(rounds, limit, lambda span: span.database_cpu, 2),
            _spans(rounds, limit, lambda span: span.load_cpu, 2),
        ]
        lines.append(f"| {limit} | {' | '.join(cells)} |")
    return [*lines, ""]


def _priorities(rounds: Sequence[Round]) -> list[str]:
    lines = [
        "Shares of good responses by priority, and the p99 of executed requests with the limit:",
        "",
        "| priority | limit on | limit off | p99, s |",
        "|---|---|---|---|",
    ]
    for priority in SHARES:
        shares = [_percent([done.overloads[limit].share(priority) for done in rounds]) for limit in _LIMITS]
        p99 = _spread([done.overloads["on"].percentile(0.99, priority) for done in rounds], 3)
        lines.append(f"| {priority} | {' | '.join(shares)} | {p99} |")
    return [*lines, ""]


def _verdict(rounds: Sequence[Round]) -> list[str]:
    goodput = median(done.overloads["on"].goodput / done.peak for done in rounds)
    p99 = median(done.overloads["on"].percentile(0.99) for done in rounds)
    reached = {True: "reached", False: "**not reached**"}
    return [
        (
            f"With the limit, the goodput is {goodput:.2f} of the peak; the goal is at least {GOAL_GOODPUT}: "
            f"{reached[goodput >= GOAL_GOODPUT]}. The p99 of executed requests is {p99:.2f} s; the goal is less than "
            f"{GOAL_P99:.0f} s: {reached[p99 < GOAL_P99]}."
        ),
        "",
    ]


def _rate_of(result: str) -> Callable[[Span], float]:
    return lambda span: span.rate(result)


def _spans(rounds: Sequence[Round], limit: str, what: Callable[[Span], float], digits: int) -> str:
    return _spread([what(done.overloads[limit]) for done in rounds], digits)


def _spread(numbers: Sequence[float], digits: int) -> str:
    return f"**{median(numbers):,.{digits}f}** ({min(numbers):,.{digits}f} to {max(numbers):,.{digits}f})"


def _percent(numbers: Sequence[float]) -> str:
    return f"**{median(numbers):.0%}** ({min(numbers):.0%} to {max(numbers):.0%})"
