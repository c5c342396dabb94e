"""Scalars and enums on their way into the answer."""

from collections.abc import Callable
from types import CoroutineType, GeneratorType
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
)
from graphql.execution import Executor
from graphql.pyutils import Undefined

MOST_CLASSES = 64
"""Types of values that a converter remembers."""

to_output: Callable[[GraphQLLeafType, Any], Any] = Executor.complete_leaf_value
"""graphql-core's own: the value that the answer shows, or an exception."""


class Irregular(Exception):
    """A value that needs the ordinary way: null where that is an error, an exception, something to call or to await."""


EXACT: dict[GraphQLLeafType, tuple[str, Any]] = {
    GraphQLString: ("type({v}) is str", GraphQLString.coerce_output_value),
    GraphQLID: ("type({v}) is str", GraphQLID.coerce_output_value),
    GraphQLBoolean: ("type({v}) is bool", GraphQLBoolean.coerce_output_value),
    GraphQLInt: ("type({v}) is int and -2147483648 <= {v} <= 2147483647", GraphQLInt.coerce_output_value),
    GraphQLFloat: ("type({v}) is float and -1e308 < {v} < 1e308", GraphQLFloat.coerce_output_value),
}
"""When a value is its own output, as source code, and the coercion of which that is known."""


def exact_test(leaf_type: GraphQLLeafType) -> str | None:
    """Source of a test for values that are their own output, with `{v}` for the value; None where there is none."""
    test, coercion = EXACT.get(leaf_type, (None, None))
    return test if leaf_type.coerce_output_value == coercion else None


def exact_kinds(leaf_type: GraphQLLeafType) -> set[type] | None:
    """The one type whose values are all their own output, where there is one."""
    test = exact_test(leaf_type) or ""
    return {"type({v}) is str": {str}, "type({v}) is bool": {bool}}.get(test)


def is_regular_class(kind: type) -> bool:
    """Whether instances are plainly values: neither exceptions nor to be awaited or called."""
    if issubclass(kind, (Exception, CoroutineType, GeneratorType)) or kind is type(Undefined):
        return False
    return not any(
        name in base.__dict__ for base in kind.__mro__[:-1] for name in ("__await__", "__call__", "__getattr__")
    )


class Converter:
    """From a value to its output; everything out of the ordinary raises an exception.

    `regular` are the types of values that `coerce` may be called for at once, `known` the names of enum values that are
    strings. Both are learnt as values come by.
    """

    __slots__ = ("_learns", "_nonnull", "coerce", "known", "regular")

    def __init__(self, leaf_type: GraphQLLeafType, *, nonnull: bool) -> None:
        self.coerce: Callable[[Any], Any] = leaf_type.coerce_output_value
        self.regular: set[type] = set()
        self.known: dict[str, str] = {}
        self._learns = isinstance(leaf_type, GraphQLEnumType)
        self._nonnull = nonnull

    def __call__(self, value: Any) -> Any:
        if value is None:
            if self._nonnull:
                raise Irregular
            return None
        kind: type[Any] = type(value)
        if not is_regular_class(kind):
            raise Irregular
        output = self.coerce(value)
        if output is None or output is Undefined:
            raise Irregular
        if not self._learns:
            if len(self.regular) < MOST_CLASSES:
                self.regular.add(kind)
        elif kind is str:
            self.known[value] = output
        return output
