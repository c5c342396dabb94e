"""From the text of a schema to its syntax tree, with definitions for all types that are only extended.

Federation's subgraphs extend types that another subgraph defines, and use directives that `@link` imports.
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
"""What these find does not keep a schema from being built."""
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
    """What is wrong with a document from which a schema can be built; nothing of what `@link` explains."""
    return [] if _is_linked(document) else validate_sdl(document, rules=TOLERATED)


def build_errors(document: DocumentNode) -> Sequence[GraphQLError]:
    """What keeps a schema from being built."""
    return validate_sdl(document, rules=REQUIRED)


def with_definitions(document: DocumentNode) -> DocumentNode:
    """Makes a definition of the first extension of each type that has none."""
    defined = {each.name.value for each in document.definitions if isinstance(each, TypeDefinitionNode)}
    made: list[Any] = []
    for node in document.definitions:
        kind = DEFINITIONS.get(type(node)) if isinstance(node, TypeExtensionNode) else None
        if isinstance(node, TypeExtensionNode) and kind and node.name.value not in defined:
            defined.add(node.name.value)
            made.append(kind(**{key: getattr(node, key) for key in node.keys}))
        else:
            made.append(node)
    missing = _imported(document) - defined
    made += [ScalarTypeDefinitionNode(name=NameNode(value=name)) for name in sorted(missing)]
    return DocumentNode(definitions=tuple(made), loc=document.loc)


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


def _imported(document: DocumentNode) -> set[str]:
    """Types that are used and that `@link` imports, by their names or as `federation__FieldSet`."""
    links = _links(document)
    if not links:
        return set()
    imports, used = _Names(), _Names()
    for link in links:
        visit(link, imports)
    visit(document, used)
    return {name for name in used.types if "__" in name or name in imports.texts}


class _Names(Visitor):
    """The names of types, and all strings."""

    def __init__(self) -> None:
        super().__init__()
        self.types = set[str]()
        self.texts = set[str]()

    def enter_named_type(self, node: NamedTypeNode, *_args: object) -> None:
        self.types.add(node.name.value)

    def enter_string_value(self, node: StringValueNode, *_args: object) -> None:
        self.texts.add(node.value)
