"""How soon posts are in feeds while people publish, with and without somebody popular among them."""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from bench.fan_out.copy import Copy
from bench.fan_out.draining import busy_of_all
from bench.fan_out.publisher import REFUSED
from bench.fan_out.publishing import Outcome, Post, follow, paced
from bench.fan_out.relays import relays
from bench.processes import cpu_clocks
from bench.world import BenchError, say

WARM_UP = 3.0
PAUSE = 0.5
TOGETHER = 16
POPULAR_POSTS = 100
"""Of somebody popular in a span."""


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds, of many posts."""

    count: int
    median: float
    p99: float
    most: float


def times(seconds: Iterable[float]) -> Times:
    ordered = sorted(seconds)
    if not ordered:
        raise BenchError("a span has no posts to look at: take more --posts or --seconds")
    return Times(len(ordered), median(ordered), ordered[math.ceil(len(ordered) * 0.99) - 1], ordered[-1])


@dataclass(frozen=True, slots=True)
class Span:
    """What was seen in a span, of posts that were due in it.

    A call is timed from its begin to its answer, an entry from the call's begin to when it is seen in a feed. `late` is
    how much later than it was due a call began. `rate` is of ordinary posts a second. `refused` were answered that
    there is no time for them.
    """

    seconds: float
    rate: float
    calls: Times
    entries: Times
    late: Times
    popular: Times | None
    refused: int


@dataclass(frozen=True, slots=True)
class Watched:
    """Spans without and with somebody popular, how busy the CPUs were in all, and how often a relay complained."""

    without: Sequence[Span]
    with_popular: Sequence[Span]
    busy: float
    failed: int


class Pace(NamedTuple):
    """Posts a second, for so many seconds, so many of them by one transaction."""

    rate: float
    seconds: float
    together: int


async def watch_one(copy: Copy, rate: float, seconds: float, chance: random.Random) -> Watched:
    """One span of ordinary posts, written so many together that publishing leaves the CPUs to the relay."""
    return await _watch(copy, Pace(rate, seconds, TOGETHER), [False], chance)


async def watch_pairs(copy: Copy, rate: float, seconds: float, pairs: int, chance: random.Random) -> Watched:
    """Spans in pairs, of which one has somebody popular: now the first, now the second."""
    kinds = [popular for pair in range(pairs) for popular in ((False, True) if pair % 2 == 0 else (True, False))]
    return await _watch(copy, Pace(rate, seconds, 1), kinds, chance)


async def _watch(copy: Copy, pace: Pace, kinds: Sequence[bool], chance: random.Random) -> Watched:
    rate, seconds, together = pace
    posts = paced(chance, copy.people.authors, rate, 0.0, WARM_UP)
    begins = [WARM_UP + PAUSE + number * (seconds + PAUSE) for number in range(len(kinds))]
    for begin, popular in zip(begins, kinds, strict=True):
        posts += paced(chance, copy.people.authors, rate, begin, seconds)
        if popular:
            step = seconds / POPULAR_POSTS
            posts += [Post(begin + (number + 0.5) * step, copy.people.popular) for number in range(POPULAR_POSTS)]
    async with relays(copy, [None]) as running:
        clocks = cpu_clocks()
        outcomes = await follow(copy, sorted(posts), rate, chance, together)
        busy = busy_of_all(clocks, cpu_clocks())
        complaints = [line for relay in running for line in relay.complaints()]
    for line in complaints:
        say(f"  a relay says: {line[:500]}")
    found: dict[bool, list[Span]] = {False: [], True: []}
    for begin, popular in zip(begins, kinds, strict=True):
        within = [each for each in outcomes if begin <= each.post.offset < begin + seconds]
        found[popular].append(_span(copy, within, seconds))
    return Watched(found[False], found[True], busy, len(complaints))


def _span(copy: Copy, outcomes: Sequence[Outcome], seconds: float) -> Span:
    ordinary = [each for each in outcomes if each.post.author != copy.people.popular]
    popular = [_call(each) for each in outcomes if each.post.author == copy.people.popular]
    return Span(
        seconds=seconds,
        rate=len(ordinary) / seconds,
        calls=times(_call(each) for each in ordinary),
        entries=times(each.seen - each.published.begun for each in ordinary if each.seen is not None),
        late=times(each.published.begun - each.published.due for each in outcomes),
        popular=times(popular) if popular else None,
        refused=sum(each.published.post_id == REFUSED for each in outcomes),
    )


def _call(outcome: Outcome) -> float:
    return outcome.published.answered - outcome.published.begun
