"""Scalars with their serializers and parsers."""

from datetime import date, datetime
from typing import Any, NewType

import orjson
import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

_TO_SECONDS = slice(1, len('"2026-01-31T12:00:00'))
_TO_MILLISECONDS = slice(1, len('"2026-01-31T12:00:00.000'))
_SMALLEST, _GREATEST = -(2**63), 2**63 - 1


class UnreadableScalar(GraphQLError):
    """A value that a scalar cannot read. The message describes the form of values, and does not quote the value."""


def write_instant(value: datetime) -> str:
    """Returns RFC 3339 in UTC with milliseconds. `value` is in UTC. orjson needs a third of `isoformat`'s time."""
    written = orjson.dumps(value).decode()
    return f"{written[_TO_MILLISECONDS]}Z" if value.microsecond else f"{written[_TO_SECONDS]}.000Z"


def read_instant(value: Any) -> datetime:
    """Returns an instant from RFC 3339 with a time zone. Raises `UnreadableScalar`."""
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None:
        raise UnreadableScalar("DateTime is an RFC 3339 instant with a time zone, like '2026-01-31T12:00:00Z'.")
    return instant


def read_big_int(value: Any) -> int:
    """Returns the integer of a decimal string or an integer of 64 bits. Raises `UnreadableScalar`."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    digits = text.removeprefix("-") if isinstance(text, str) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19 and _SMALLEST <= int(text) <= _GREATEST):  # noqa: PLR2004 - digits of 2**63
        raise UnreadableScalar("BigInt is a whole number of 64 bits as a decimal string, like '1050'.")
    return int(text)


def read_day(value: Any) -> date:
    """Returns a calendar day from ISO 8601. Raises `UnreadableScalar`."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UnreadableScalar("Date is a calendar day as ISO 8601, like '2026-01-31'.") from None


BigInt = NewType("BigInt", int)

SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="An integer of 64 bits as a decimal string, because JSON numbers lose digits beyond 2⁵³.",
        serialize=str,
        parse_value=read_big_int,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day in ISO 8601, such as `2026-01-31`.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        serialize=date.isoformat,
        parse_value=read_day,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in RFC 3339, in UTC with milliseconds, such as `2026-01-31T12:00:00.000Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=write_instant,
        parse_value=read_instant,
    ),
}
