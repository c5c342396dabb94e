"""Output coercion of leaf values: scalars and enums."""

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

MAX_CLASSES = 64
"""Maximum Python types that a converter records."""

to_output: Callable[[GraphQLLeafType, Any], Any] = Executor.complete_leaf_value
"""graphql-core's own coercion: returns the output value, or raises."""


class Irregular(Exception):
    """Raised by fast paths for a value that only the general path handles.

    Such values are null for a non-null type, exceptions, callables, and awaitables.
    """


EXACT: dict[GraphQLLeafType, tuple[str, Any]] = {
    GraphQLString: ("type({v}) is str", GraphQLString.coerce_output_value),
    GraphQLID: ("type({v}) is str", GraphQLID.coerce_output_value),
    GraphQLBoolean: ("type({v}) is bool", GraphQLBoolean.coerce_output_value),
    GraphQLInt: ("type({v}) is int and -2147483648 <= {v} <= 2147483647", GraphQLInt.coerce_output_value),
    GraphQLFloat: ("type({v}) is float and -1e308 < {v} < 1e308", GraphQLFloat.coerce_output_value),
}
"""For each type, source code that tests whether a value is its own output, and the coercion for which that holds."""


def exact_test(leaf_type: GraphQLLeafType) -> str | None:
    """Returns source code that tests whether value `{v}` is its own output, or None if there is no such test."""
    test, coercion = EXACT.get(leaf_type, (None, None))
    return test if leaf_type.coerce_output_value == coercion else None


def exact_kinds(leaf_type: GraphQLLeafType) -> set[type] | None:
    """Returns the single Python type whose values are all their own output, or None."""
    test = exact_test(leaf_type) or ""
    return {"type({v}) is str": {str}, "type({v}) is bool": {bool}}.get(test)


def is_regular_class(kind: type) -> bool:
    """Returns whether instances are neither exceptions nor awaitables nor callables."""
    if issubclass(kind, (Exception, CoroutineType, GeneratorType)) or kind is type(Undefined):
        return False
    return not any(
        name in base.__dict__ for base in kind.__mro__[:-1] for name in ("__await__", "__call__", "__getattr__")
    )


class Converter:
    """Converts a value to its output. Raises an exception for every irregular value.

    `regular` contains the Python types for which `coerce` may be called without a check, `known` the names of enum
    values that are strings. The converter fills both as it meets values.
    """

    __slots__ = ("_is_enum", "_nonnull", "coerce", "known", "regular")

    def __init__(self, leaf_type: GraphQLLeafType, *, nonnull: bool) -> None:
        self.coerce: Callable[[Any], Any] = leaf_type.coerce_output_value
        self.regular: set[type] = set()
        self.known: dict[str, str] = {}
        self._is_enum = isinstance(leaf_type, GraphQLEnumType)
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
        if not self._is_enum:
            if len(self.regular) < MAX_CLASSES:
                self.regular.add(kind)
        elif kind is str:
            self.known[value] = output
        return output
