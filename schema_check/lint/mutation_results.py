"""A mutation returns a result type of its own, which can grow, rather than a scalar or a domain type."""

from collections.abc import Iterator

from graphql import GraphQLSchema, is_union_type

from schema_check.operations.values import named_type

ENDINGS = ("Result", "Payload", "Response")


def find(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Yields the coordinate and message of each violation."""
    root = schema.mutation_type
    for name, field in root.fields.items() if root else ():
        kind = named_type(field.type)
        if root and not is_union_type(kind) and not kind.name.endswith(ENDINGS):
            message = f"returns {kind.name}, not a result type; return a union or a type named …Result."
            yield f"{root.name}.{name}", f"{root.name}.{name} {message}"
