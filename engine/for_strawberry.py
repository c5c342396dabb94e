"""The engine's integration with Strawberry: an executor class, and declarations read from its fields and types."""

from collections.abc import Callable
from inspect import signature
from itertools import takewhile
from typing import Any, Literal

import strawberry
from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, is_introspection_type
from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from engine.cache import plans_of
from engine.declarations import EXTENSION, Derived, Direct, Typename, declaration
from engine.definitions import definitions_of
from engine.executor import BreadthFirst

READS = "reads"
"""The key of a field's metadata for the columns that its function reads, as in `Direct.reads`."""

_PLAIN: tuple[Any, ...] = (str, int, float, bool, strawberry.ID)
_DEFINITION = "strawberry-definition"
_OWN_DEFINITION = "__strawberry_definition__"


class StrawberryExecutor(BreadthFirst, StrawberryGraphQLCoreExecutionContext):
    """The engine's executor for `strawberry.Schema(execution_context_class=...)`."""


EXECUTORS: dict[str, type[Executor[Any]]] = {
    "compiled": StrawberryExecutor,
    "stock": StrawberryGraphQLCoreExecutionContext,
}
"""Executors by the value of the setting `BFF_EXECUTION`. "stock" is Strawberry's default, for comparison."""


def declare(schema: strawberry.Schema, *, default: Callable[[str], Any] | None = None) -> None:
    """Adds declarations to the fields and types of a schema.

    A field declares itself by its metadata, under "engine"; a type declares its type name by the class attribute
    `engine_typename`. A field without a resolver is read by the schema's default resolver; `default` returns the
    declaration of that resolver for a field's name. Existing declarations stay, so a schema may be declared twice.
    """
    kinds = schema._schema.type_map.values()  # noqa: SLF001 - Strawberry has no public attribute for it
    objects = [kind for kind in kinds if isinstance(kind, GraphQLObjectType) and not is_introspection_type(kind)]
    for kind in objects:
        _declare_type(kind)
        for field in kind.fields.values():
            _declare_field(schema, field, default)
    for kind in kinds:
        if isinstance(kind, GraphQLInterfaceType):
            _declare_type(kind)
        elif isinstance(kind, GraphQLUnionType):
            _declare_union(kind)
    definitions_of(schema._schema).clear()  # noqa: SLF001 - as above
    plans_of(schema._schema).clear()  # noqa: SLF001 - as above


def _declare_type(kind: GraphQLObjectType | GraphQLInterfaceType) -> None:
    definition = kind.extensions.get(_DEFINITION)
    origin = definition.origin if definition else None
    key = getattr(origin, "engine_typename", None)
    if key is not None and EXTENSION not in kind.extensions:
        own: Any = getattr(origin, _OWN_DEFINITION, None)
        kind.extensions[EXTENSION] = Typename(key, own.name if own else kind.name)


def _declare_union(kind: GraphQLUnionType) -> None:
    """Declares a union if all of its types declare the same key, each with its own name as the value."""
    keys = {_key_of_name(member) for member in kind.types}
    if len(keys) == 1 and (key := keys.pop()) is not None and EXTENSION not in kind.extensions:
        kind.extensions[EXTENSION] = Typename(key, kind.name)


def _key_of_name(kind: GraphQLObjectType) -> str | None:
    declared = declaration(kind)
    return declared.key if isinstance(declared, Typename) and declared.value == kind.name else None


def _declare_field(schema: strawberry.Schema, field: GraphQLField, default: Any) -> None:
    definition = field.extensions.get(_DEFINITION)
    if EXTENSION in field.extensions or type(definition) is not StrawberryField:
        return
    if definition.extensions or _handles_exceptions(schema) or not _is_own(field.resolve):
        return
    if "engine" in definition.metadata:
        field.extensions[EXTENSION] = definition.metadata["engine"]
    elif definition.is_basic_field:
        field.extensions[EXTENSION] = (default or _read_by(schema.config.default_resolver))(definition.python_name)
    elif not definition.is_subscription and (direct := _direct(schema, definition)) is not None:
        field.extensions[EXTENSION] = direct


def _is_own(resolve: Any) -> bool:
    """Returns whether the resolver is the one that Strawberry created, and nothing has replaced it since."""
    factory = GraphQLCoreConverter.from_resolver
    return resolve.__module__ == factory.__module__ and resolve.__qualname__.startswith(f"{factory.__qualname__}.")


def _handles_exceptions(schema: strawberry.Schema) -> bool:
    return bool(schema.schema_converter._exception_handler_specs)  # noqa: SLF001 - there is no public attribute for it


def _read_by(resolver: Callable[[Any, str], Any]) -> Callable[[str], Derived]:
    return lambda name: Derived(lambda source: resolver(source, name))


def _direct(schema: strawberry.Schema, definition: StrawberryField) -> Direct | None:
    """Returns a direct call of the function behind a field, or None if Strawberry has to convert its arguments.

    The call skips what Strawberry does for extensions and inputs, which the field does not have.
    """
    resolver: Any = definition.base_resolver
    sources = (resolver.self_parameter, resolver.parent_parameter, resolver.root_parameter)
    roles: dict[str, Literal["source", "info"]] = {parameter.name: "source" for parameter in sources if parameter}
    if resolver.info_parameter:
        roles[resolver.info_parameter.name] = "info"
    parameters = list(signature(resolver.wrapped_func).parameters.values())
    leading = list(
        takewhile(
            lambda parameter: parameter.name in roles and parameter.kind is parameter.POSITIONAL_OR_KEYWORD, parameters
        )
    )
    arguments = {argument.python_name: argument for argument in definition.arguments}
    if {parameter.name for parameter in parameters} != {parameter.name for parameter in leading} | arguments.keys():
        return None
    if not all(_is_plain(argument.type) for argument in arguments.values()):
        return None
    info_class = schema.config.info_class
    return Direct(
        resolver.wrapped_func,
        takes=[roles[parameter.name] for parameter in leading],
        names={schema.config.name_converter.from_argument(argument): name for name, argument in arguments.items()},
        wrap_info=lambda info: info_class(_raw_info=info, _field=definition),
        reads=definition.metadata.get(READS),
    )


def _is_plain(kind: Any) -> bool:
    """Returns whether Strawberry passes values of this type to a resolver unchanged."""
    if type(kind) is StrawberryOptional:
        kind = kind.of_type
    return kind in _PLAIN
