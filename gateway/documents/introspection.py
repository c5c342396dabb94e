"""Corrects the introspection of Strawberry schemas."""

from graphql import GraphQLObjectType, GraphQLSchema


def correct_introspection(schema: GraphQLSchema) -> None:
    """Replaces Strawberry's resolver of `__Type.isOneOf`, which fails for lists and non-null types.

    All schemas share the type `__Type`, and each new Strawberry schema sets its own resolver again.
    """
    kind = schema.type_map["__Type"]
    if isinstance(kind, GraphQLObjectType):
        kind.fields["isOneOf"].resolve = _is_one_of


def _is_one_of(described: object, _info: object) -> bool:
    extensions: dict[str, object] = getattr(described, "extensions", {})
    return bool(getattr(extensions.get("strawberry-definition"), "is_one_of", False))
