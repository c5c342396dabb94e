"""Weights of fields and types, and sizes of lists, as a schema declares them by `@cost` and `@listSize`."""

from math import isfinite
from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_leaf_type,
)

from schema.cost import Cost, ListSize
from schema.rates import RATE_CLASS, RateClass

MAX_WEIGHT = 1e6
DEFAULT_SIZE = 10.0
"""The assumed size of a list of objects without `@listSize`."""
INTROSPECTION_SIZES = {
    "__Schema.directives": 10.0,
    "__Type.fields": 10.0,
    "__Type.inputFields": 5.0,
    "__Type.interfaces": 2.0,
    "__Type.possibleTypes": 5.0,
    "__Type.enumValues": 5.0,
    "__Field.args": 2.0,
    "__Directive.args": 5.0,
}
"""Typical sizes of the lists that describe a schema. An object of introspection costs `INTROSPECTION_WEIGHT`."""
INTROSPECTION_WEIGHT = 0.01
"""The weight of an object of introspection: it is in memory, and most of a description is the same few objects."""


class SizeRule(NamedTuple):
    """The number of objects that a list returns: a `ListSize` with its defaults."""

    assumed: float
    arguments: tuple[str, ...] = ()
    fields: frozenset[str] = frozenset()


class Weights:
    """The weights of one schema. Root types cost nothing. Raises `ValueError` if a directive is not valid."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._types = len(schema.type_map)
        self._of_fields = dict[tuple[str, str], tuple[float, SizeRule | None]]()
        self._of_types = dict[str, float]()
        self._classes = _classes(schema.mutation_type)
        roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
        for kind in schema.type_map.values():
            self._of_types[kind.name] = _type_weight(kind, default=0.0 if kind in roots else 1.0)
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
                for name, field in kind.fields.items():
                    self._of_fields[kind.name, name] = self._read(kind, name, field)

    def type(self, kind: GraphQLNamedType) -> float:
        """Returns what an object of a type costs by itself."""
        return self._of_types.get(kind.name, 0.0)

    def field(self, kind: GraphQLNamedType, name: str) -> float:
        """Returns what each execution of a field adds."""
        return self._of_fields.get((kind.name, name), (0.0, None))[0]

    def size(self, kind: GraphQLNamedType, name: str) -> SizeRule | None:
        """Returns the declared size of a list or page, or None."""
        return self._of_fields.get((kind.name, name), (0.0, None))[1]

    def rate_class(self, mutation: str) -> RateClass:
        """Returns what a field of the root type of mutations counts as."""
        return self._classes.get(mutation, RateClass.WRITES)

    def _read(self, kind: GraphQLNamedType, name: str, field: GraphQLField) -> tuple[float, SizeRule | None]:
        coordinate = f"{kind.name}.{name}"
        if is_introspection_type(kind):
            size = float(self._types) if coordinate == "__Schema.types" else INTROSPECTION_SIZES.get(coordinate)
            return 0.0, None if size is None else SizeRule(size)
        declared = _directive(field, ListSize)
        rule = None if declared is None else _rule(coordinate, field, declared)
        return cost_of(field, coordinate), rule


def cost_of(field: GraphQLField, coordinate: str = "") -> float:
    """Returns the weight of `@cost` on a field. Raises `ValueError`, which names the coordinate, if it is not valid."""
    cost = _directive(field, Cost)
    return 0.0 if cost is None else _number(coordinate, cost.weight)


def _classes(mutations: GraphQLObjectType | None) -> dict[str, RateClass]:
    """Returns the classes that fields of a Strawberry schema declare."""
    found: dict[str, RateClass] = {}
    for name, field in mutations.fields.items() if mutations else ():
        definition: Any = field.extensions.get("strawberry-definition")  # pyright: ignore[reportUnknownMemberType] - typed by graphql-core
        declared = (getattr(definition, "metadata", None) or {}).get(RATE_CLASS)
        if isinstance(declared, RateClass):
            found[name] = declared
    return found


def _rule(coordinate: str, field: GraphQLField, declared: ListSize) -> SizeRule:
    arguments = tuple(declared.slicing_arguments or ())
    if unknown := [name for name in arguments if name not in field.args]:
        raise ValueError(f"{coordinate}: @listSize(slicingArguments:) names {unknown[0]}, which is no argument of it")
    assumed = float(declared.assumed_size) if isinstance(declared.assumed_size, int) else DEFAULT_SIZE
    return SizeRule(assumed, arguments, frozenset(declared.sized_fields or ()))


def _type_weight(kind: GraphQLNamedType, default: float) -> float:
    if is_introspection_type(kind):
        return 0.0 if is_leaf_type(kind) else INTROSPECTION_WEIGHT
    cost = _directive(kind, Cost)
    if cost is not None:
        return _number(kind.name, cost.weight)
    return default if isinstance(kind, GraphQLObjectType) else 0.0


def _number(coordinate: str, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not isfinite(weight) or not 0 <= weight <= MAX_WEIGHT:
        raise ValueError(f'{coordinate}: @cost(weight: "{text}") is not a number from 0 to {MAX_WEIGHT:.0f}')
    return weight


def _directive(owner: Any, kind: type[Any]) -> Any:
    """Returns the directive of a field or type of a Strawberry schema, or None."""
    definition = owner.extensions.get("strawberry-definition")
    directives = getattr(definition, "directives", None) or ()
    return next((directive for directive in directives if isinstance(directive, kind)), None)
