"""Completes and validates the syntax tree of a schema.

Federation's subgraphs extend types that another subgraph defines, and use directives that `@link` imports. Such types
get definitions here.
"""

from collections.abc import Sequence
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    Visitor,
    visit,
)
from graphql.validation import KnownDirectivesRule, PossibleTypeExtensionsRule
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validate import validate_sdl

LINK = "link"
TOLERATED = (KnownDirectivesRule, PossibleTypeExtensionsRule)
"""Rules whose errors do not prevent building a schema."""
REQUIRED = [rule for rule in specified_sdl_rules if rule not in TOLERATED]
DEFINITIONS: dict[type[TypeExtensionNode], type[TypeDefinitionNode]] = {
    ScalarTypeExtensionNode: ScalarTypeDefinitionNode,
    ObjectTypeExtensionNode: ObjectTypeDefinitionNode,
    InterfaceTypeExtensionNode: InterfaceTypeDefinitionNode,
    UnionTypeExtensionNode: UnionTypeDefinitionNode,
    EnumTypeExtensionNode: EnumTypeDefinitionNode,
    InputObjectTypeExtensionNode: InputObjectTypeDefinitionNode,
}


def validation_errors(document: DocumentNode) -> Sequence[GraphQLError]:
    """Returns the errors that do not prevent building a schema. A document with `@link` has none."""
    return [] if _is_linked(document) else validate_sdl(document, rules=TOLERATED)


def build_errors(document: DocumentNode) -> Sequence[GraphQLError]:
    """Returns the errors that prevent building a schema."""
    return validate_sdl(document, rules=REQUIRED)


def with_definitions(document: DocumentNode) -> DocumentNode:
    """Turns the first extension of each undefined type into its definition, and defines imported types as scalars."""
    defined = {node.name.value for node in document.definitions if isinstance(node, TypeDefinitionNode)}
    definitions: list[Any] = []
    for node in document.definitions:
        kind = DEFINITIONS.get(type(node)) if isinstance(node, TypeExtensionNode) else None
        if isinstance(node, TypeExtensionNode) and kind and node.name.value not in defined:
            defined.add(node.name.value)
            definitions.append(kind(**{key: getattr(node, key) for key in node.keys}))
        else:
            definitions.append(node)
    missing = _imported_types(document) - defined
    definitions += [ScalarTypeDefinitionNode(name=NameNode(value=name)) for name in sorted(missing)]
    return DocumentNode(definitions=tuple(definitions), loc=document.loc)


def _is_linked(document: DocumentNode) -> bool:
    return bool(_links(document))


def _links(document: DocumentNode) -> list[DirectiveNode]:
    return [
        directive
        for node in document.definitions
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode)
        for directive in node.directives or ()
        if directive.name.value == LINK
    ]


def _imported_types(document: DocumentNode) -> set[str]:
    """Returns the used types that `@link` imports, by their names or as `federation__FieldSet`."""
    links = _links(document)
    if not links:
        return set()
    imports, used = _Names(), _Names()
    for link in links:
        visit(link, imports)
    visit(document, used)
    return {name for name in used.types if "__" in name or name in imports.texts}


class _Names(Visitor):
    """Collects the names of types, and all strings."""

    def __init__(self) -> None:
        super().__init__()
        self.types = set[str]()
        self.texts = set[str]()

    def enter_named_type(self, node: NamedTypeNode, *_args: object) -> None:
        self.types.add(node.name.value)

    def enter_string_value(self, node: StringValueNode, *_args: object) -> None:
        self.texts.add(node.value)
