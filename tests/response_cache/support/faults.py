"""A read, and the faults that are found in its response."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.response_cache.support.registers import Register

KEPT = 20
"""So many faults of each kind are described; the others are counted."""


class Read(NamedTuple):
    """A read: who asked what, when it began and ended, and which process answered with what cache state."""

    viewer: str | None
    operation: str
    variables: Mapping[str, Any]
    since: float
    until: float
    server: str
    cache: str = "-"


class Faults:
    """Counts the faults by kind, and describes the first ones."""

    def __init__(self) -> None:
        self.kinds = Counter[str]()
        self.described: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def add(self, kind: str, subject: str, read: Read, seen: object, expected: object) -> None:
        self.kinds[kind] += 1
        if self.kinds[kind] <= KEPT:
            request = f"{read.operation} {dict(read.variables)} of {read.viewer}"
            self.described.append(
                f"{kind} of {subject}: seen {seen}, expected {expected}; {request}, "
                f"{read.since:.3f}..{read.until:.3f}, {read.server}, cache {read.cache}"
            )

    def observe(self, kind: str, subject: str, read: Read, register: Register, value: int) -> None:
        """Adds a fault if the read cannot have this value."""
        if not register.observe(value, read.since, read.until):
            self.add(kind, subject, read, value, _values(register, read))

    def observe_present(self, kind: str, subject: str, read: Read, register: Register) -> None:
        """Adds a fault if what the read shows did not exist any more, or not yet."""
        if not register.may_be_present(read.since, read.until):
            self.add(kind, subject, read, "present", _values(register, read))

    def observe_absent(self, kind: str, subject: str, read: Read, *, possible: bool, registers: object = None) -> None:
        """Adds a fault if what the read does not show had to be there."""
        if not possible:
            self.add(kind, subject, read, "absent", registers or "present")


def _values(register: Register, read: Read) -> str:
    return f"one of {register.candidates(read.since, read.until)}, all {register.writes}"
