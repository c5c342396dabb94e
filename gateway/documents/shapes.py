"""The shapes of the operations of a document: the fields that they select. Usage is counted by shape."""

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    get_named_type,
)

from services.usage import OperationShape

_META = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}


class Shapes(dict[str, OperationShape]):
    """Maps names of operations of a valid document to shapes. A shape is computed at the first access."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        super().__init__()
        self._schema = schema
        self._document = document

    def __missing__(self, name: str) -> OperationShape:
        (operation,) = (
            node
            for node in self._document.definitions
            if isinstance(node, OperationDefinitionNode) and (node.name.value if node.name else "") == name
        )
        shape = self[name] = OperationShape.of(_Fields(self._schema, self._document).of(operation))
        return shape


_TypedSelections = tuple[SelectionSetNode, GraphQLNamedType | None]
"""A selection set and its type."""


class _Fields:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._coordinates = set[str]()

    def of(self, operation: OperationDefinitionNode) -> set[str]:
        """Returns the coordinates of the selected fields. A field of an interface keeps the name of the interface."""
        todo: list[_TypedSelections] = [(operation.selection_set, self._schema.get_root_type(operation.operation))]
        while todo:
            selections, parent = todo.pop()
            for node in selections.selections:
                todo.extend(self._inside(node, parent))
        return self._coordinates

    def _inside(self, node: SelectionNode, parent: GraphQLNamedType | None) -> list[_TypedSelections]:
        if isinstance(node, FieldNode):
            return self._field(node, parent)
        if isinstance(node, FragmentSpreadNode):
            fragment = self._fragments.pop(node.name.value, None)  # each fragment is visited once
            return [] if fragment is None else self._fragment(fragment, parent)
        return self._fragment(node, parent) if isinstance(node, InlineFragmentNode) else []

    def _fragment(
        self, node: FragmentDefinitionNode | InlineFragmentNode, parent: GraphQLNamedType | None
    ) -> list[_TypedSelections]:
        on = node.type_condition
        return [(node.selection_set, self._schema.get_type(on.name.value) if on else parent)]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> list[_TypedSelections]:
        name = node.name.value
        if name == "__typename" or not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return []
        self._coordinates.add(f"{parent.name}.{name}")
        if not node.selection_set:
            return []
        definition = parent.fields.get(name) or _META[name]
        kind = get_named_type(definition.type)  # pyright: ignore[reportUnknownArgumentType] - lists' items are not typed
        return [(node.selection_set, kind)]
