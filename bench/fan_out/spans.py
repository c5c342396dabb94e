"""Measures how soon posts are in feeds, with and without posts of a popular author."""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from bench.fan_out.copy import Copy
from bench.fan_out.draining import busy_of_all
from bench.fan_out.publisher import REJECTED
from bench.fan_out.publishing import Outcome, Post, follow, paced
from bench.fan_out.relays import relays
from bench.processes import cpu_clocks
from bench.world import BenchError, say

WARM_UP = 3.0
PAUSE = 0.5
TOGETHER = 16
POPULAR_POSTS = 100
"""The posts of the popular author in a span."""


@dataclass(frozen=True, slots=True)
class Times:
    """Holds the count, median, p99 and maximum of seconds."""

    count: int
    median: float
    p99: float
    most: float


def times(seconds: Iterable[float]) -> Times:
    ordered = sorted(seconds)
    if not ordered:
        raise BenchError("a span has no observed posts: use more --posts or --seconds")
    return Times(len(ordered), median(ordered), ordered[math.ceil(len(ordered) * 0.99) - 1], ordered[-1])


@dataclass(frozen=True, slots=True)
class Span:
    """Holds the measurement of the posts that were due in one span.

    A call lasts from its start to its response, an entry from the start of the call until it is in a feed. `late` is
    the delay of the start. `rate` is the ordinary posts per second. `rejected` counts posts that got `Unavailable`.
    """

    seconds: float
    rate: float
    calls: Times
    entries: Times
    late: Times
    popular: Times | None
    rejected: int


@dataclass(frozen=True, slots=True)
class Watched:
    """Holds spans without and with the popular author, the busy share of the CPUs, and the warnings of relays."""

    without: Sequence[Span]
    with_popular: Sequence[Span]
    busy: float
    failed: int


class Pace(NamedTuple):
    """Holds the posts per second, the seconds, and the posts per transaction."""

    rate: float
    seconds: float
    together: int


async def watch_one(copy: Copy, rate: float, seconds: float, chance: random.Random) -> Watched:
    """Measures one span of ordinary posts. `TOGETHER` posts share a transaction, which leaves CPU time to the relay."""
    return await _watch(copy, Pace(rate, seconds, TOGETHER), [False], chance)


async def watch_pairs(copy: Copy, rate: float, seconds: float, pairs: int, chance: random.Random) -> Watched:
    """Measures pairs of spans, one of them with the popular author: alternately the first and the second."""
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
        warnings = [line for relay in running for line in relay.warnings()]
    for line in warnings:
        say(f"  a relay logs: {line[:500]}")
    found: dict[bool, list[Span]] = {False: [], True: []}
    for begin, popular in zip(begins, kinds, strict=True):
        within = [each for each in outcomes if begin <= each.post.offset < begin + seconds]
        found[popular].append(_span(copy, within, seconds))
    return Watched(found[False], found[True], busy, len(warnings))


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
        rejected=sum(each.published.post_id == REJECTED for each in outcomes),
    )


def _call(outcome: Outcome) -> float:
    return outcome.published.answered - outcome.published.begun
