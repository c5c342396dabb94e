"""Compares the costs of fields: `@cost` and `@listSize`. Raising one may put operations over the cost limit."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLSchema

from schema_check.changes.applied import applied
from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import pairs

NAMES = ("cost", "listSize")


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        for name in NAMES if old is not None else ():
            then, now = applied(old, (name,)), applied(new, (name,))
            if then == now:
                continue
            message = f"@{name} of {coordinate} changed from {_text(then)} to {_text(now)}."
            if _is_raised(then, now):
                yield SchemaChange("COST_RAISED", Severity.DANGEROUS, coordinate, message, member=f"@{name}")
            else:
                yield SchemaChange("COST_LOWERED", Severity.SAFE, coordinate, message, member=f"@{name}")


def _is_raised(then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> bool:
    """Returns whether an argument has a higher value, or values that cannot be compared. An absent argument is 0."""
    then, now = then or {}, now or {}
    for name in {*then, *now}:
        old, new = _number(then.get(name, 0)), _number(now.get(name, 0))
        if (old is None or new is None) and then.get(name) != now.get(name):
            return True
        if old is not None and new is not None and new > old:
            return True
    return False


def _number(value: Any) -> float | None:
    """Returns the number, or None. Weights are strings in IBM's specification."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _text(arguments: Mapping[str, Any] | None) -> str:
    if arguments is None:
        return "nothing"
    return "(" + ", ".join(f"{name}: {value}" for name, value in arguments.items()) + ")"
