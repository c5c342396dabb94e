"""Defines schema changes and their severities."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """Says what a change can do to operations that use the changed element."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"

    @property
    def rank(self) -> int:
        """The position in the order from breaking to safe."""
        return list(Severity).index(self)


class SchemaChange(NamedTuple):
    """Describes one difference between two schemas."""

    code: str
    severity: Severity
    coordinate: str
    """The schema coordinate of the specification: `User.posts(first:)`, `@auth`, `Status.OPEN`."""
    message: str
    member: str = ""
    """The added or removed member when it has no coordinate of its own: `Post` of a union."""
    instead_of: str = ""
    """The code of the less exact change that graphql-core reports and this one replaces."""

    of_input: bool = False
    """True for a field of an input type, which apps send."""

    @property
    def parent(self) -> str:
        """The coordinate that contains this one: the field of an argument, the type of a field. A type is its own."""
        head = self.coordinate.split("(")[0]
        return head if head != self.coordinate else head.split(".")[0]

    @property
    def type_name(self) -> str:
        """The type that contains the element."""
        return self.coordinate.split("(")[0].split(".")[0]
