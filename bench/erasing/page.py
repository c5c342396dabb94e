"""Writes the page of results."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from platform import python_version
from statistics import median

from bench.erasing.publishing import POLL_SECONDS
from bench.erasing.rounds import Pending, Round, Span
from schema_check.wording import count_of

GOAL = 2.0
"""The maximum ratio of the p99 with the erasure to that without it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Holds all results and their conditions. `others` is the CPU share of other processes before the measurement."""

    people: int
    posts: int
    rate: float
    seconds: float
    pairs: int
    rounds: Sequence[Round]
    pending: Sequence[Pending]
    postgres: str
    others: float


def page(measured: Measured) -> str:
    return "\n".join([*_opening(measured), *_beside(measured), *_behind(measured)]) + "\n"


def _opening(measured: Measured) -> Iterator[str]:
    yield "# The erasure of a popular account"
    yield ""
    yield (
        f"Written by `make bench-erasure` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()} and "
        f"PostgreSQL {measured.postgres}, on two CPUs."
    )
    yield ""
    yield (
        f"A seeded database of {measured.people:,} people on PostgreSQL, `bff serve` and `bff worker`. An account that "
        f"all others follow has {measured.posts:,} posts, which feeds read instead of receiving. The app deletes the "
        "account, and the worker's jobs erase it. Meanwhile ordinary authors publish at random instants, "
        f"{measured.rate:g} posts a second on average. For each post the feed of one reader is polled every "
        f"{POLL_SECONDS * 1000:.0f} ms. Times begin when the post is due. Before, other processes used "
        f"{measured.others:.0%} of the CPUs."
    )
    yield ""


def _beside(measured: Measured) -> Iterator[str]:
    yield "## Publishing during the erasure"
    yield ""
    yield (
        f"In each round an account is erased, with {count_of(measured.pairs, 'pause')} of the erasure. Spans of "
        f"{measured.seconds:g} seconds without and with it alternate, and the posts of all spans of a kind are "
        "combined. In each pair of figures the first is without the erasure, the second with it. The erasure ends "
        "follows and "
        "deletes posts in batches, and waits for the relay between them."
    )
    yield ""
    yield "| round | posts | follows ended per second | until in a feed, median | p99 | ratio of the p99 |"
    yield "|---:|---:|---:|---:|---:|---:|"
    for number, each in enumerate(measured.rounds, 1):
        counts = f"{each.without.entries.count:,} · {each.beside.entries.count:,}"
        shown = (_pair(each, lambda span: span.entries.median), _pair(each, lambda span: span.entries.p99))
        yield f"| {number} | {counts} | {each.followers_per_second:.0f} | {' | '.join(shown)} | {each.ratio:.2f} |"
    ratio = median(each.ratio for each in measured.rounds)
    yield ""
    yield (
        f"Median of the ratios: **{ratio:.2f}**. The goal is at most {GOAL:g}: "
        f"{'reached' if ratio <= GOAL else '**not reached**'}."
    )
    yield ""


def _pair(measured: Round, value: Callable[[Span], float]) -> str:
    return " · ".join(f"{value(span) * 1000:.1f} ms" for span in (measured.without, measured.beside))


def _behind(measured: Measured) -> Iterator[str]:
    followers = max(each.followers for each in measured.pending)
    yield "## A post behind the erasure's events"
    yield ""
    yield (
        "The relay is blocked while the erasure deletes its first batch and an ordinary author publishes. Then the "
        "relay is unblocked. The time is from then until a reader has the post, each time for another account with "
        f"{followers:,} followers."
    )
    yield ""
    yield "| deleted posts before it | median | min | max |"
    yield "|---:|---:|---:|---:|"
    for deletions in sorted({each.deletions for each in measured.pending}):
        seconds = [each.seconds for each in measured.pending if each.deletions == deletions]
        shown = " | ".join(f"{each * 1000:.0f} ms" for each in (median(seconds), min(seconds), max(seconds)))
        yield f"| {deletions} | {shown} |"
