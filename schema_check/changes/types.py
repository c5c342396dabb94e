"""What a change is."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """What a change can do to somebody who uses what is changed."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    SAFE = "safe"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class SchemaChange(NamedTuple):
    """One difference between two schemas."""

    code: str
    severity: Severity
    coordinate: str
    """As the specification writes them: `User.posts(first:)`, `@auth`, `Status.OPEN`."""
    message: str
    member: str = ""
    """What was added to or taken from the coordinate, when that has no coordinate there: `Post` of a union."""
    instead_of: str = ""
    """The code by which graphql-core reports the same thing, less exactly."""

    of_input: bool = False
    """Whether the coordinate is a field of an input type, which apps send."""

    @property
    def parent(self) -> str:
        """What the coordinate is in: the field of an argument, the type of a field; itself for a type."""
        head = self.coordinate.split("(")[0]
        return head if head != self.coordinate else head.split(".")[0]

    @property
    def type_name(self) -> str:
        return self.coordinate.split("(")[0].split(".")[0]
