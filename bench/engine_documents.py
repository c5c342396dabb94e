"""Measures the memory of cached documents: many that differ in an alias, each executed once."""

import gc
import resource
import sys
from pathlib import Path

import msgspec
from graphql import parse

from bench.engine_cases.case import ENGINE, Case, finished

STEPS = 20
MEBIBYTE = 2**20

MAX_GROWTH_BYTES = 4 * MEBIBYTE
"""Growth by allocators and garbage collection that does not count as a leak."""


class Documents(msgspec.Struct, frozen=True):
    """Holds the resident memory in bytes before the documents, and after each step."""

    documents: int
    first_bytes: int
    after: list[tuple[int, int]]

    @property
    def late_growth(self) -> int:
        """The bytes that the second half of the documents added."""
        return self.after[-1][1] - self.after[(len(self.after) - 1) // 2][1]

    @property
    def reached(self) -> bool:
        return self.late_growth <= MAX_GROWTH_BYTES


async def many_documents(case: Case, count: int) -> Documents:
    """Executes `count` new documents and returns the memory."""
    await _execute(case, 0)
    first = _resident_bytes()
    after: list[tuple[int, int]] = []
    for number in range(1, count + 1):
        await _execute(case, number)
        if number % max(1, count // STEPS) == 0 or number == count:
            after.append((number, _resident_bytes()))
    return Documents(documents=count, first_bytes=first, after=after)


async def _execute(case: Case, number: int) -> None:
    document = parse(case.text.replace("viewer {", f"alias{number}: viewer {{", 1))
    result = await finished(case.run(ENGINE, document))
    if result.errors or f"alias{number}" not in result.data:
        raise RuntimeError(f"document {number} was not answered: {result.errors}")


def _resident_bytes() -> int:
    gc.collect()
    if sys.platform != "linux":
        raise OSError("resident memory is read from /proc, which only Linux has")
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
