"""Writes the page of results."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from platform import python_version
from statistics import median

from bench.fan_out.copy import Copy
from bench.fan_out.draining import CONCURRENT_POSTS, Drained
from bench.fan_out.publishing import POLL_SECONDS
from bench.fan_out.spans import POPULAR_POSTS, TOGETHER, Span, Times, Watched
from bench.processes import CPUS
from core.settings import Settings
from schema_check.wording import count_of

_GOAL_SECONDS, _GOAL_CHANGE = 1.0, 0.2


@dataclass(frozen=True, slots=True)
class Measured:
    """Holds all results and their conditions."""

    people: int
    drained: Sequence[Drained]
    paced: Watched
    pairs: Watched
    postgres: str
    pinned: bool
    others: float
    """The largest CPU share of other processes before a part, from 0 to 1."""

    @property
    def failed(self) -> int:
        return sum(each.failed for each in self.drained) + self.paced.failed + self.pairs.failed


def page(measured: Measured, copy: Copy) -> str:
    lines = [*_opening(measured, copy), *_throughput(measured), *_paced(measured), *_pairs(measured, copy)]
    return "\n".join(lines) + "\n"


def middle(drained: Iterable[Drained], relays: int) -> float:
    """Returns the median posts per second of this number of relays."""
    return median(each.posts_per_second for each in drained if each.relays == relays)


def _opening(measured: Measured, copy: Copy) -> Iterator[str]:
    people = copy.people
    readers = sum(map(len, people.readers.values())) / len(people.authors)
    yield "# Fan-out: from posts to feeds"
    yield ""
    yield (
        f"Written by `make bench-fan-out` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()} and "
        f"PostgreSQL {measured.postgres}, on two CPUs."
    )
    yield ""
    yield (
        f"A seeded database of {measured.people:,} people on PostgreSQL. The product's services publish posts in a "
        "process of their own, and `bff worker --only relay` writes them into feeds. Ordinary authors have up to "
        f"{copy.push_followers:,} followers and are chosen with equal probability: {len(people.authors):,} people with "
        f"{readers:.1f} readers on average. "
        f"Before each part, other processes used at most {measured.others:.0%} of the two CPUs. "
        + (f"**Relays logged {count_of(measured.failed, 'failure')}.**" if measured.failed else "No event failed.")
    )
    yield ""


def _throughput(measured: Measured) -> Iterator[str]:
    rounds = sum(each.relays == 1 for each in measured.drained)
    yield "## Throughput of a relay"
    yield ""
    yield (
        f"{measured.drained[0].posts:,} posts are published, {CONCURRENT_POSTS} at a time, while no relay runs, and "
        "the tables are vacuumed. Then the relays are unblocked and timed until no event waits. The number of "
        "entries is then as "
        "expected. One relay has one CPU, and PostgreSQL the other. Two relays have one each, and PostgreSQL runs on "
        f"both. The figures are medians of {count_of(rounds, 'round')}, in which they alternate, with minimum and "
        "maximum in brackets. CPU is user and system time; PostgreSQL's is that of the processes which serve the "
        "relays." + ("" if measured.pinned else " PostgreSQL could not be pinned to a CPU, and ran on both.")
    )
    yield ""
    yield "| relays | posts/s | entries/s | CPU ms per 1,000 entries | PostgreSQL's | CPUs busy | failed | deadlocks |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for count in (1, 2):
        yield _drained(count, [each for each in measured.drained if each.relays == count])
    yield ""
    ratio = middle(measured.drained, 2) / middle(measured.drained, 1)
    yield f"Two relays have {ratio:.2f} times the throughput of one."
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
    yield "## Delay until a post is in a feed"
    yield ""
    yield (
        f"For {span.seconds:.0f} seconds, {span.rate:.0f} posts a second on average are published at random instants, "
        f"about half the throughput of one relay. One transaction writes {TOGETHER} posts, with the rows that the "
        "service writes, since single transactions would need both CPUs. Transactions do not wait for earlier ones. "
        "The relay, PostgreSQL, the publisher and the observer share the two CPUs. For "
        f"{span.entries.count:,} of {span.calls.count:,} posts the feed of one reader is polled every "
        f"{POLL_SECONDS * 1000:.0f} ms. Both times begin when publishing begins. The CPUs are "
        f"{measured.paced.busy:.0%} busy; at 100%, posts wait for the CPUs."
    )
    yield ""
    yield "| | median | p99 | max |"
    yield "|---|---:|---:|---:|"
    yield f"| until it is published | {_row(span.calls)} |"
    yield f"| until a follower has it | {_row(span.entries)} |"
    yield f"| delay of the start of publishing | {_row(span.late)} |"
    yield ""
    reached = _met(span.entries.median < _GOAL_SECONDS)
    yield f"The goal is a median below {_GOAL_SECONDS:.0f} s: {reached}.{_rejected([span])}"
    yield ""


def _row(found: Times) -> str:
    return " | ".join(_ms(each) for each in (found.median, found.p99, found.most))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def _met(reached: bool) -> str:  # noqa: FBT001 - it is the value that is formatted
    return "reached" if reached else "**not reached**"


def _rejected(spans: Iterable[Span]) -> str:
    rejected = sum(span.rejected for span in spans)
    return f" **{count_of(rejected, 'post')} rejected**, since the database was unavailable." if rejected else ""


def _pairs(measured: Measured, copy: Copy) -> Iterator[str]:
    pairs = measured.pairs
    rate = median(span.rate for span in pairs.without)
    push = "" if copy.push_followers == Settings().push_followers else f" (`BFF_PUSH_FOLLOWERS={copy.push_followers}`)"
    yield f"## An author with {copy.people.followers_of_popular:,} followers"
    yield ""
    yield (
        f"The posts of this author are pulled{push}. Ordinary authors publish {rate:.0f} posts a second, about a "
        f"quarter of the throughput of one relay. There are {count_of(len(pairs.without), 'pair')} of spans of "
        f"{pairs.without[0].seconds:.0f} seconds: in one span of each pair the popular author publishes "
        f"{POPULAR_POSTS} posts at regular intervals. The figures are medians of spans, with minimum and maximum in "
        "brackets. The CPUs "
        f"are {pairs.busy:.0%} busy."
    )
    yield ""
    yield "| ordinary authors | without | with | with / without |"
    yield "|---|---:|---:|---:|"
    changes: list[float] = []
    for name, value in _ROWS:
        without, beside = ([value(span) for span in spans] for spans in (pairs.without, pairs.with_popular))
        changes.append(median(beside) / median(without))
        yield f"| {name} | {_spread_ms(without)} | {_spread_ms(beside)} | {changes[-1]:.2f} |"
    yield ""
    reached = all(change < 1 + _GOAL_CHANGE for change in changes[1::2])
    rejected = _rejected([*pairs.without, *pairs.with_popular])
    yield f"The goal is that neither p99 grows by {_GOAL_CHANGE:.0%}: {_met(reached)}.{rejected}"
    yield ""
    yield from _publishing(pairs)


def _publishing(pairs: Watched) -> Iterator[str]:
    popular = [span.popular for span in pairs.with_popular if span.popular]
    ordinary = [span.calls for span in pairs.with_popular]
    yield "| publishing, in the same spans | median | p99 |"
    yield "|---|---:|---:|"
    for name, found in (("popular author", popular), ("ordinary authors", ordinary)):
        yield f"| {name} | {_spread_ms([each.median for each in found])} | {_spread_ms([each.p99 for each in found])} |"


_ROWS: Sequence[tuple[str, Callable[[Span], float]]] = (
    ("publishing, median", lambda span: span.calls.median),
    ("publishing, p99", lambda span: span.calls.p99),
    ("until a follower has it, median", lambda span: span.entries.median),
    ("until a follower has it, p99", lambda span: span.entries.p99),
)


def _spread_ms(values: Sequence[float]) -> str:
    return f"**{median(values) * 1000:,.1f} ms** ({min(values) * 1000:,.1f} to {max(values) * 1000:,.1f})"
