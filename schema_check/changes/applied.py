"""Reads the directives that SDL applies to an element. A schema from introspection has none."""

from collections.abc import Collection, Mapping
from typing import Any, cast

from graphql import ConstDirectiveNode, DirectiveNode, GraphQLSchema
from graphql.utilities import value_from_ast_untyped

from schema_check.changes.walk import Element


def has_applied_directives(schema: GraphQLSchema) -> bool:
    """Returns whether the schema was built from SDL."""
    return any(kind.ast_node for kind in schema.type_map.values())


def applied(element: Element | None, names: Collection[str]) -> Mapping[str, Any] | None:
    """Returns the arguments of the element's first directive with one of these names, or None without such one."""
    for node in _nodes(element):
        if node.name.value in names:
            return {argument.name.value: value_from_ast_untyped(argument.value) for argument in node.arguments or ()}
    return None


def with_defaults(schema: GraphQLSchema, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the arguments of a directive, completed with the defaults of its definition."""
    definition = schema.get_directive(name)
    defaults = {
        argument_name: value_from_ast_untyped(argument.ast_node.default_value)
        for argument_name, argument in (definition.args if definition else {}).items()
        if argument.ast_node and argument.ast_node.default_value
    }
    return {**defaults, **arguments}


def _nodes(element: Element | None) -> list[ConstDirectiveNode | DirectiveNode]:
    owners: list[Any] = [
        *([element.ast_node] if element is not None and element.ast_node else []),
        *(cast(Any, getattr(element, "extension_ast_nodes", None)) or ()),
    ]
    return [node for owner in owners for node in owner.directives or ()]
