"""A mutation answers with a type of its own, which can grow, rather than with a scalar or a thing itself."""

from collections.abc import Iterator

from graphql import GraphQLSchema, is_union_type

from schema_check.operations.values import named_type

ENDINGS = ("Result", "Payload", "Response")


def find(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    root = schema.mutation_type
    for name, field in root.fields.items() if root else ():
        kind = named_type(field.type)
        if root and not is_union_type(kind) and not kind.name.endswith(ENDINGS):
            said = f"answers with {kind.name}, not with a result of its own; return a union or a type called …Result."
            yield f"{root.name}.{name}", f"{root.name}.{name} {said}"
