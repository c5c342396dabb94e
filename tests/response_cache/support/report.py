"""The page of the campaign's results."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from platform import python_version
from typing import NamedTuple

from tests.response_cache.support.checker import Checker
from tests.response_cache.support.operations import MUTATIONS
from tests.response_cache.support.reading import Tally
from tests.response_cache.support.scale import Scale
from tests.response_cache.support.writing import Written

TITLES = {
    "redis": "Redis: two servers, two workers",
    "cluster": "Redis cluster of three primaries and a Redis replica: two servers, two workers",
    "memory": "In process: one `bff dev` with the worker's loops",
    "off": "Without a cache: two servers, two workers",
}


_ALL_KINDS = 20_000
"""A campaign with so many reads has all kinds of mutations. In shorter ones, a kill may affect the only one."""


class Outcome(NamedTuple):
    """Holds the counts, times and faults of a campaign with one engine."""

    engine: str
    seconds: float
    tally: Tally
    written: Written
    killed: Counter[str]
    lost: int
    checker: Checker
    logged: str = ""
    """The logs of all processes, which contain errors only."""

    @property
    def missing(self) -> list[str]:
        """The mutations that were never acknowledged."""
        return sorted(MUTATIONS - set(self.written.acknowledged))

    @property
    def is_wrong(self) -> bool:
        is_long = self.tally.reads >= _ALL_KINDS
        return bool(self.checker.faults or self.written.wrong or (is_long and self.missing))


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name}: {number:,}" for name, number in sorted(counts.items())) or "0"


def section(outcome: Outcome) -> str:
    """Returns the section of one engine."""
    tally, written, checker = outcome.tally, outcome.written, outcome.checker
    counts, faults = checker.counts, checker.faults
    rows = {
        "reads": f"{tally.reads:,} in {outcome.seconds:.0f} s, {tally.reads / outcome.seconds:,.0f}/s",
        "reads by operation": _listed(tally.operations),
        "reads by state of the cache": _listed(tally.states),
        "reads that failed": _listed(tally.failed),
        "mutations acknowledged": f"{written.acknowledged.total():,}, of {len(written.acknowledged)} kinds",
        "kinds never acknowledged": ", ".join(outcome.missing) or "none",
        "mutations refused": f"{written.refused.total():,}",
        "mutations without a known outcome": f"{written.unknown.total():,}",
        "requests without a response": f"{outcome.lost:,}",
        "killed": _listed(outcome.killed),
        "users, posts and comments checked": f"{checker.facts:,}",
        "payments checked": f"{checker.payments.checked:,}",
        "counts of what others do, checked": f"{counts.checked:,}; older than the read: {counts.old:,}",
        "oldest count of what others do": f"{counts.worst_age:.2f} s",
        "faults by kind": _listed(faults.kinds),
        "unexpected errors": f"{len(written.wrong)}",
        "**all faults**": f"**{faults.kinds.total()}**",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"## {TITLES[outcome.engine]}\n\n| | |\n|---|---|\n{table}\n\nMutations: {_listed(written.acknowledged)}.\n"


def page(scale: Scale, outcomes: Sequence[Outcome]) -> str:
    sections = "\n".join(section(outcome) for outcome in outcomes)
    return f"""# Cached responses while processes are killed

Written by `make campaign-cache` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, seed {scale.seed}.

{scale.writers} writers send every mutation of the schema, and {scale.readers} readers the queries of the apps, mostly
for the same few users and posts. Meanwhile processes are killed with -9 or stopped with SIGTERM and restarted, and
Redis is killed, restarted empty, or silent for a moment. Everything written has a version that readers see. Each
response is compared with the writes: it must show at least what was acknowledged, or shown by another response, before
its request began. What the relay projects must be shown after a direct read of the database has seen its row. Counts of
what others do may be 5 s old. The outcome of a mutation without a response is not known, so both are accepted.

{sections}"""
