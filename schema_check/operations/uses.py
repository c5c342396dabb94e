"""Collects the schema elements that a document uses, by coordinates.

Elements that the schema does not define are left to validation.
"""

from collections import Counter
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    is_abstract_type,
    is_leaf_type,
)

from schema_check.operations.values import ValueUses, named_type


@dataclass
class Uses:
    """Holds the coordinates of the schema elements that a document uses."""

    fields: set[str] = field(default_factory=set[str])
    """The selected fields, as the document names them: `Node.id` on an interface."""
    implementations: set[str] = field(default_factory=set[str])
    """The same fields on the types that implement the interface."""
    elements: set[str] = field(default_factory=set[str])
    """Arguments, input fields, enum values and directives that the document or its variables may contain."""
    omitted: set[str] = field(default_factory=set[str])
    """Arguments and input fields that the document or its variables may omit, so that defaults apply."""
    types: set[str] = field(default_factory=set[str])
    """Every type of a field, a type condition, a variable or a value."""
    output_types: set[str] = field(default_factory=set[str])
    """Leaf and abstract types in responses."""
    coordinates: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    """The coordinates that a node refers to, by the node's identity. Validation errors name nodes."""

    def note(self, node: Node, *coordinates: str) -> None:
        """Notes that a node refers to coordinates."""
        self.coordinates.setdefault(id(node), set()).update(coordinates)


def uses_of(document: DocumentNode, schema: GraphQLSchema) -> Uses:
    """Returns the schema elements that a document uses."""
    walk = _Walk(schema)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.operation(definition)
        elif isinstance(definition, FragmentDefinitionNode):
            walk.condition(definition, definition.type_condition.name.value)
            parent = schema.get_type(definition.type_condition.name.value)
            walk.directives(definition, "FRAGMENT_DEFINITION")
            walk.selections(definition.selection_set, parent)
    return walk.uses


class _Walk:
    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.uses = Uses()
        self.values = ValueUses(schema, self.uses)

    def operation(self, node: OperationDefinitionNode) -> None:
        root = self.schema.get_root_type(node.operation)
        for variable in node.variable_definitions or ():
            self.values.variable(variable)
            self.directives(variable, "VARIABLE_DEFINITION")
        self.uses.note(node, *([root.name] if root else []))
        self.directives(node, node.operation.name)
        self.selections(node.selection_set, root)

    def condition(self, node: InlineFragmentNode | FragmentDefinitionNode, name: str) -> None:
        self.uses.types.add(name)
        self.uses.note(node, name)
        if node.type_condition:
            self.uses.note(node.type_condition, name)

    def selections(self, node: SelectionSetNode, parent: GraphQLNamedType | None) -> None:
        if parent:
            self.uses.types.add(parent.name)
        for selection in node.selections:
            self._selection(selection, parent)

    def directives(self, node: Node, location: str) -> None:
        nodes = getattr(node, "directives", None) or ()
        for name, times in Counter(directive.name.value for directive in nodes).items():
            definition = self.schema.get_directive(name)
            used = {f"@{name}", f"@{name} on {location}", *([f"@{name} repeated"] if times > 1 else [])}
            self.uses.elements |= used
            for directive in nodes:
                if directive.name.value == name:
                    self.uses.note(directive, *used)
                    self.values.arguments(directive.arguments or (), definition, f"@{name}", directive)

    def _selection(self, node: SelectionNode, parent: GraphQLNamedType | None) -> None:
        if isinstance(node, FieldNode):
            self.directives(node, "FIELD")
            self._field(node, parent)
        elif isinstance(node, InlineFragmentNode):
            self.directives(node, "INLINE_FRAGMENT")
            if node.type_condition:
                self.condition(node, node.type_condition.name.value)
                parent = self.schema.get_type(node.type_condition.name.value)
            self.selections(node.selection_set, parent)
        else:
            self.directives(node, "FRAGMENT_SPREAD")
            self.uses.note(node, *([parent.name] if parent else []))

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> None:
        name = node.name.value
        if name == "__typename" or not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return
        coordinate = f"{parent.name}.{name}"
        definition = parent.fields.get(name) or {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}.get(name)
        self.uses.note(node, coordinate)
        if definition is None:
            return
        kind = named_type(definition.type)
        self.uses.note(node, kind.name)
        self.uses.fields.add(coordinate)
        self.uses.types.add(kind.name)
        if is_leaf_type(kind) or is_abstract_type(kind):
            self.uses.output_types.add(kind.name)
        types = self.schema.get_possible_types(parent) if isinstance(parent, GraphQLInterfaceType) else ()
        implementations = [f"{implementation.name}.{name}" for implementation in types]
        self.uses.implementations.update(implementations)
        self.values.arguments(node.arguments or (), definition, coordinate, node, implementations)
        if node.selection_set:
            self.selections(node.selection_set, kind)
