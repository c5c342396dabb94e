"""Writes the page of results."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from platform import python_version
from statistics import median

from bench.erasing.publishing import BETWEEN_LOOKS
from bench.erasing.rounds import Pending, Round, Span

GOAL = 2.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything, with what it was measured in; `others` is the part of the CPUs that others were busy with before."""

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
        f"A seeded world of {measured.people:,} people on PostgreSQL, `bff serve` and `bff worker`. An account that "
        f"all others follow has {measured.posts:,} posts, which followers look up when they read their feeds. The app "
        "deletes the account, and the worker's jobs erase it. Meanwhile ordinary people publish at random instants, "
        f"{measured.rate:g} posts a second on average. For each post the feed of one reader is looked into every "
        f"{BETWEEN_LOOKS * 1000:.0f} ms. Times begin when the post is due. Others were busy with "
        f"{measured.others:.0%} of the CPUs before."
    )
    yield ""


def _beside(measured: Measured) -> Iterator[str]:
    yield "## Publishing beside the erasure"
    yield ""
    yield (
        f"In each round an account is erased, but {measured.pairs} times the erasure stands still. Spans of "
        f"{measured.seconds:g} seconds without it and beside it take turns, and their posts are taken together. In "
        "each pair of figures the first is without the erasure, the second beside it. The erasure ends follows and "
        "deletes posts a part at a time, and waits for the relay in between."
    )
    yield ""
    yield "| round | posts | followers erased a second | in a feed, median | p99 | ratio of the p99 |"
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
        "The relay stands still while a run of the erasure deletes what it deletes at once, and an ordinary person "
        "publishes. Then the relay goes on. The time is from then until a reader has the post, for an account with "
        f"{followers:,} followers, each time another one."
    )
    yield ""
    yield "| deleted posts before it | median | least | most |"
    yield "|---:|---:|---:|---:|"
    for deletions in sorted({each.deletions for each in measured.pending}):
        seconds = [each.seconds for each in measured.pending if each.deletions == deletions]
        shown = " | ".join(f"{each * 1000:.0f} ms" for each in (median(seconds), min(seconds), max(seconds)))
        yield f"| {deletions} | {shown} |"
