"""Compares the costs of fields and types: `@cost` and `@listSize`. Raising one may put operations over the cost limit.

Both are directives of IBM's GraphQL Cost Directives specification. A size that is no longer declared may be any other.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import GraphQLNamedType, GraphQLSchema

from schema_check.changes.applied import applied, with_defaults
from schema_check.changes.types import SchemaChange, Severity
from schema_check.changes.walk import Element, pairs

COST, LIST_SIZE = NAMES = ("cost", "listSize")
_KNOWN_SIZES = ("assumedSize", "sizedFields", "slicingArguments")
"""Arguments without which the size of a list is another one."""


def changes(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[SchemaChange]:
    for coordinate, old, new in pairs(before, after):
        for name in NAMES if old is not None else ():
            then, now = _arguments(before, old, name), _arguments(after, new, name)
            if then == now:
                continue
            message = f"@{name} of {coordinate} changed from {_text(then)} to {_text(now)}."
            if _is_raised(name, new, then, now):
                yield SchemaChange("COST_RAISED", Severity.DANGEROUS, coordinate, message, member=f"@{name}")
            else:
                yield SchemaChange("COST_LOWERED", Severity.SAFE, coordinate, message, member=f"@{name}")


def _arguments(schema: GraphQLSchema, element: Element | None, name: str) -> Mapping[str, Any] | None:
    arguments = applied(element, (name,))
    return None if arguments is None else with_defaults(schema, name, arguments)


def _is_raised(name: str, element: Element, then: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> bool:
    """Returns whether an argument has a higher value, or values that cannot be compared."""
    if name == COST:
        default = {"weight": 1 if isinstance(element, GraphQLNamedType) else 0}
        return _is_larger(then or default, now or default)
    if then is not None and (now is None or any(key in then and key not in now for key in _KNOWN_SIZES)):
        return True
    return _is_larger(then or {}, now or {})


def _is_larger(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Returns whether an argument has a higher value, or values that cannot be compared. An absent argument is 0."""
    for name in {*then, *now}:
        old, new = _number(then.get(name, 0)), _number(now.get(name, 0))
        if (old is None or new is None) and then.get(name) != now.get(name):
            return True
        if old is not None and new is not None and new > old:
            return True
    return False


def _number(value: Any) -> float | None:
    """Returns the number, or None. Weights are strings in the specification."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _text(arguments: Mapping[str, Any] | None) -> str:
    if arguments is None:
        return "nothing"
    return "(" + ", ".join(f"{name}: {value}" for name, value in arguments.items()) + ")"
