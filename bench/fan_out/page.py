"""What was measured, as a page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from platform import python_version
from statistics import median

from bench.fan_out.copy import Copy
from bench.fan_out.draining import AT_A_TIME, Drained
from bench.fan_out.publishing import BETWEEN_LOOKS
from bench.fan_out.spans import POPULAR_POSTS, TOGETHER, Span, Times, Watched
from bench.processes import CPUS
from core.settings import Settings

_GOAL_SECONDS, _GOAL_CHANGE = 1.0, 0.2


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything, with what it was measured in."""

    people: int
    drained: Sequence[Drained]
    paced: Watched
    pairs: Watched
    postgres: str
    pinned: bool
    others: float
    """The part of the CPUs that others were busy with, from 0 to 1, where that was most: looked at before each part."""

    @property
    def failed(self) -> int:
        return sum(each.failed for each in self.drained) + self.paced.failed + self.pairs.failed


def page(measured: Measured, copy: Copy) -> str:
    lines = [*_opening(measured, copy), *_throughput(measured), *_paced(measured), *_pairs(measured, copy)]
    return "\n".join(lines) + "\n"


def middle(drained: Iterable[Drained], relays: int) -> float:
    """Posts a second of so many relays."""
    return median(each.posts_per_second for each in drained if each.relays == relays)


def _opening(measured: Measured, copy: Copy) -> Iterator[str]:
    people = copy.people
    readers = sum(map(len, people.readers.values())) / len(people.authors)
    yield "# From posts to feeds"
    yield ""
    yield (
        f"Written by `make bench-fan-out` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()} and "
        f"PostgreSQL {measured.postgres}, on two CPUs."
    )
    yield ""
    yield (
        f"A seeded world of {measured.people:,} people on PostgreSQL. Posts are published by the product's services, "
        "in a process of their own, and brought to feeds by `bff worker --only relay`. Ordinary authors are those with "
        f"up to {copy.push_followers:,} followers, each as likely as any other: {len(people.authors):,} people with "
        f"{readers:.1f} readers on average. "
        f"Before each part others were busy with {measured.others:.0%} of the two CPUs at most. "
        + (f"**Relays complained {measured.failed} times.**" if measured.failed else "No event failed.")
    )
    yield ""


def _throughput(measured: Measured) -> Iterator[str]:
    rounds = sum(each.relays == 1 for each in measured.drained)
    yield "## How much a relay does"
    yield ""
    yield (
        f"{measured.drained[0].posts:,} posts are published, {AT_A_TIME} at a time, while no relay runs, and tables "
        "are vacuumed. Then relays are let go, and timed until nothing waits; and the entries are counted: they are as "
        "many as they should be. One relay has one CPU, and PostgreSQL the other. Two have one each, and PostgreSQL "
        f"runs on both. Medians of {rounds} {'round' if rounds == 1 else 'rounds'}, in which they take turns; in "
        "brackets the least and the most. CPU is user and system time, and PostgreSQL's that of the processes which "
        "serve the relays." + ("" if measured.pinned else " PostgreSQL could not be kept on a CPU, and ran on both.")
    )
    yield ""
    yield "| relays | posts/s | entries/s | CPU ms of 1,000 entries | PostgreSQL's | CPUs busy | failed | deadlocks |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for count in (1, 2):
        yield _drained(count, [each for each in measured.drained if each.relays == count])
    yield ""
    yield f"Two relays do {middle(measured.drained, 2) / middle(measured.drained, 1):.2f} times what one does."
    yield ""


def _drained(count: int, drained: Sequence[Drained]) -> str:
    cells = (
        str(count),
        _spread([each.posts_per_second for each in drained]),
        _spread([each.entries_per_second for each in drained]),
        _spread([each.relay_cpu * 1e6 / each.entries for each in drained]),
        _spread([each.database_cpu * 1e6 / each.entries for each in drained]),
        " · ".join(f"{median(each.busy[cpu] for each in drained):.0%}" for cpu in CPUS),
        str(sum(each.failed for each in drained)),
        str(sum(each.deadlocks for each in drained)),
    )
    return f"| {' | '.join(cells)} |"


def _spread(values: Sequence[float]) -> str:
    return f"**{median(values):,.0f}** ({min(values):,.0f} to {max(values):,.0f})"


def _paced(measured: Measured) -> Iterator[str]:
    (span,) = measured.paced.without
    yield "## How soon a post is in a feed"
    yield ""
    yield (
        f"For {span.seconds:.0f} seconds people publish at random instants, {span.rate:.0f} posts a second on average, "
        f"about half of what one relay does. {TOGETHER} of them are written by one transaction, with the rows that the "
        "service writes, since publishing so many one by one would take both CPUs for itself; no transaction waits for "
        "the one before. The relay, PostgreSQL, who publishes and "
        f"who looks share the two CPUs. For {span.entries.count:,} of {span.calls.count:,} posts the feed of one of "
        f"the readers is looked into every {BETWEEN_LOOKS * 1000:.0f} ms. Both are timed from when publishing "
        f"begins. The CPUs are {measured.paced.busy:.0%} busy; when that is all, it is they that posts wait for."
    )
    yield ""
    yield "| | median | p99 | longest |"
    yield "|---|---:|---:|---:|"
    yield f"| until it is published | {_row(span.calls)} |"
    yield f"| until a follower has it | {_row(span.entries)} |"
    yield f"| how much later than it should publishing began | {_row(span.late)} |"
    yield ""
    reached = _met(span.entries.median < _GOAL_SECONDS)
    yield f"The goal is a median below {_GOAL_SECONDS:.0f} s: {reached}.{_refused([span])}"
    yield ""


def _row(found: Times) -> str:
    return " | ".join(_ms(each) for each in (found.median, found.p99, found.most))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def _met(reached: bool) -> str:  # noqa: FBT001 - read aloud it is clear
    return "reached" if reached else "**not reached**"


def _refused(spans: Iterable[Span]) -> str:
    refused = sum(span.refused for span in spans)
    return f" **{refused} posts were refused**, as the database had no time for them." if refused else ""


def _pairs(measured: Measured, copy: Copy) -> Iterator[str]:
    pairs = measured.pairs
    rate = median(span.rate for span in pairs.without)
    push = "" if copy.push_followers == Settings().push_followers else f" (`BFF_PUSH_FOLLOWERS={copy.push_followers}`)"
    yield f"## Somebody with {copy.people.followers_of_popular:,} followers"
    yield ""
    yield (
        f"Their posts are pulled{push}. Ordinary people publish {rate:.0f} posts a second, about a quarter of what one "
        f"relay does. There are {len(pairs.without)} pairs of spans of {pairs.without[0].seconds:.0f} seconds: in one "
        f"of each pair somebody popular publishes {POPULAR_POSTS} posts, evenly. Medians of spans; in brackets the "
        f"least and the most. The CPUs are {pairs.busy:.0%} busy."
    )
    yield ""
    yield "| ordinary people | without | with | with / without |"
    yield "|---|---:|---:|---:|"
    changes: list[float] = []
    for name, value in _ROWS:
        without, beside = ([value(span) for span in spans] for spans in (pairs.without, pairs.with_popular))
        changes.append(median(beside) / median(without))
        yield f"| {name} | {_spread_ms(without)} | {_spread_ms(beside)} | {changes[-1]:.2f} |"
    yield ""
    reached = all(change < 1 + _GOAL_CHANGE for change in changes[1::2])
    refused = _refused([*pairs.without, *pairs.with_popular])
    yield f"The goal is that neither p99 grows by {_GOAL_CHANGE:.0%}: {_met(reached)}.{refused}"
    yield ""
    yield from _publishing(pairs)


def _publishing(pairs: Watched) -> Iterator[str]:
    popular = [span.popular for span in pairs.with_popular if span.popular]
    ordinary = [span.calls for span in pairs.with_popular]
    yield "| publishing, in the same spans | median | p99 |"
    yield "|---|---:|---:|"
    for name, found in (("somebody popular", popular), ("ordinary people", ordinary)):
        yield f"| {name} | {_spread_ms([each.median for each in found])} | {_spread_ms([each.p99 for each in found])} |"


_ROWS: Sequence[tuple[str, Callable[[Span], float]]] = (
    ("publishing, median", lambda span: span.calls.median),
    ("publishing, p99", lambda span: span.calls.p99),
    ("until a follower has it, median", lambda span: span.entries.median),
    ("until a follower has it, p99", lambda span: span.entries.p99),
)


def _spread_ms(values: Sequence[float]) -> str:
    return f"**{median(values) * 1000:,.1f} ms** ({min(values) * 1000:,.1f} to {max(values) * 1000:,.1f})"
