"""Spans of the fields of features: those that are resolved by a coroutine, in `Query`, `Mutation` and `Viewer`."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from inspect import isawaitable, iscoroutinefunction
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from core.tracing import SpanKind, recording_span
from engine.declarations import EXTENSION, Direct, declaration

_VIEWER = "Viewer"
_MARK = "has_span"
_RESOLVERS = "resolvers."
_FEATURES = ("users", "feed", "payments", "notifications", "search")


def trace_fields(schema: GraphQLSchema) -> None:
    """Adds spans to the fields of features, unless they have them. The engine's declarations are complete."""
    for kind in _kinds(schema):
        for name, field in kind.fields.items():
            _trace(field, f"{kind.name}.{name}")


def _kinds(schema: GraphQLSchema) -> Iterator[GraphQLObjectType]:
    for kind in (schema.query_type, schema.mutation_type, schema.type_map.get(_VIEWER)):
        if isinstance(kind, GraphQLObjectType):
            yield kind


def _trace(field: GraphQLField, coordinate: str) -> None:
    function = _function_of(field)
    if function is None or not iscoroutinefunction(function) or hasattr(field.resolve, _MARK):
        return
    feature = _feature_of(function)
    declared = declaration(field)
    if isinstance(declared, Direct):
        field.extensions[EXTENSION] = replace(declared, function=_traced(declared.function, coordinate, feature))
    if field.resolve is not None:
        field.resolve = _traced(field.resolve, coordinate, feature)


def _function_of(field: GraphQLField) -> Callable[..., Any] | None:
    """Returns the function that Strawberry's field calls."""
    resolver = getattr(field.extensions.get("strawberry-definition"), "base_resolver", None)
    return getattr(resolver, "wrapped_func", None)


def _feature_of(function: Callable[..., Any]) -> str:
    """Returns the feature whose resolver it is, from its module. Empty for resolvers of another schema."""
    if not function.__module__.startswith(_RESOLVERS):
        return ""
    name = function.__module__.removeprefix(_RESOLVERS).partition(".")[0]
    return next((feature for feature in _FEATURES if name.startswith(feature.rstrip("s"))), name)


def _traced(function: Callable[..., Any], coordinate: str, feature: str) -> Callable[..., Any]:
    def call(*positional: Any, **named: Any) -> Any:
        if recording_span() is None:
            return function(*positional, **named)
        return in_span(positional, named)

    async def in_span(positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        parent = recording_span()
        if parent is None:
            return await _awaited(function(*positional, **named))
        with parent.child(coordinate, SpanKind.INTERNAL, {**attributes}):
            return await _awaited(function(*positional, **named))

    attributes = {"graphql.field": coordinate, "bff.feature": feature} if feature else {"graphql.field": coordinate}
    setattr(call, _MARK, True)
    return call


async def _awaited(value: Any) -> Any:
    return await value if isawaitable(value) else value
