"""Values of variables. What does not depend on the values is read once per operation."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    VariableDefinitionNode,
    is_leaf_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import (
    VariableValues,
    VariableValueSource,
    get_variable_values,
    input_is_nested_too_deeply,
)
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_value

MAX_ERRORS = 50
"""The errors that graphql-core reports at most, by default."""

_SMALLEST, _LARGEST = -(2**31), 2**31 - 1
_ATOMS = {str, int, float, bool, type(None)}
_EXACT: Mapping[GraphQLScalarType, tuple[type, Any]] = {
    GraphQLString: (str, GraphQLString.coerce_input_value),
    GraphQLID: (str, GraphQLID.coerce_input_value),
    GraphQLBoolean: (bool, GraphQLBoolean.coerce_input_value),
    GraphQLInt: (int, GraphQLInt.coerce_input_value),
}
"""For each type, the class of values that are their own coerced value, and the coercion for which that holds."""


class _LeftToGraphQLCore(Exception):
    """Raised for a value that graphql-core rejects, or that it has to coerce."""


class VariableReader:
    """Reads the values of an operation's variables, with the results and errors of graphql-core."""

    __slots__ = ("_definitions", "_hide_suggestions", "_is_complete", "_schema", "_variables")

    def __init__(
        self, schema: GraphQLSchema, definitions: tuple[VariableDefinitionNode, ...], *, hide_suggestions: bool
    ) -> None:
        self._schema = schema
        self._definitions = definitions
        self._hide_suggestions = hide_suggestions
        signatures = [get_variable_signature(schema, definition) for definition in definitions]
        self._variables = [_Variable(each) for each in signatures if isinstance(each, GraphQLVariableSignature)]
        self._is_complete = len(self._variables) == len(definitions)

    def read(self, values: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """Returns the coerced values, or the errors of invalid ones."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        try:
            for variable in self._variables:
                variable.read(values, sources, coerced)
        except Exception:  # noqa: BLE001 - graphql-core reports it
            return self._read_by_graphql_core(values)
        return VariableValues(sources, coerced) if self._is_complete else self._read_by_graphql_core(values)

    def _read_by_graphql_core(self, values: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        hides = self._hide_suggestions
        return get_variable_values(self._schema, self._definitions, dict(values), MAX_ERRORS, hide_suggestions=hides)


class _Variable:
    """A variable with its signature, and the class of values that need no coercion, if there is one."""

    __slots__ = ("_absent", "_default", "_exact", "_is_leaf", "_is_required", "_name", "_signature")

    def __init__(self, signature: GraphQLVariableSignature) -> None:
        kind: Any = signature.type
        self._signature = signature
        self._name = signature.name
        self._absent = VariableValueSource(signature)
        self._is_required = isinstance(kind, GraphQLNonNull)
        named: Any = kind.of_type if self._is_required else kind
        self._is_leaf = is_leaf_type(named)
        self._exact = _exact_class(named)
        self._default: Any = Undefined
        if signature.default is not None:
            self._default = _default(signature)

    def read(self, values: Mapping[str, Any], sources: dict[str, VariableValueSource], coerced: dict[str, Any]) -> None:
        """Adds the source and the coerced value, if there is one. Raises an exception for an invalid value."""
        name, signature = self._name, self._signature
        value = values.get(name, Undefined)
        if value is Undefined:
            sources[name] = self._absent
            if self._default is not Undefined:
                coerced[name] = self._default
            elif self._is_required or signature.default is not None:
                raise _LeftToGraphQLCore  # or a list or an object, which executions must not share
            return
        sources[name] = VariableValueSource(signature, value)
        if type(value) is self._exact and (self._exact is not int or _SMALLEST <= value <= _LARGEST):
            coerced[name] = value
        else:
            coerced[name] = self._coerced(value)

    def _coerced(self, value: Any) -> Any:
        if not self._is_leaf and input_is_nested_too_deeply(value, self._signature.type):
            raise _LeftToGraphQLCore
        coerced = coerce_input_value(value, self._signature.type)
        if coerced is Undefined:
            raise _LeftToGraphQLCore
        return coerced


def _exact_class(kind: Any) -> type | None:
    """Returns the class of values that are their own coerced value, or None."""
    if not isinstance(kind, GraphQLScalarType):
        return None
    exact, coercion = _EXACT.get(kind, (None, None))
    return exact if kind.coerce_input_value == coercion else None


def _default(signature: GraphQLVariableSignature) -> Any:
    """Returns the coerced default value of a variable. Undefined if graphql-core has to coerce it at each execution."""
    try:
        default = coerce_default_value(signature)
    except Exception:  # noqa: BLE001 - graphql-core reports it
        return Undefined
    return default if type(default) in _ATOMS else Undefined
