"""What one document uses of a schema, by coordinates. What the schema does not know, validation finds."""

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
    """What a document uses; the sets hold coordinates."""

    fields: set[str] = field(default_factory=set[str])
    """Fields of output types that are selected, as the document names them: `Node.id` on an interface."""
    through: set[str] = field(default_factory=set[str])
    """The same fields of the types that may stand behind an interface."""
    elements: set[str] = field(default_factory=set[str])
    """Arguments, input fields, enum values and directives that are given, or may be by a variable."""
    left_out: set[str] = field(default_factory=set[str])
    """Arguments and input fields that are not given, or may not be, so that defaults count."""
    types: set[str] = field(default_factory=set[str])
    """Every type that a field, a condition, a variable or a value is of."""
    reads: set[str] = field(default_factory=set[str])
    """Leaf and abstract types that are in answers."""
    places: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    """What a node of the document is about, by its identity: errors of validation name nodes."""

    def note(self, node: Node, *coordinates: str) -> None:
        self.places.setdefault(id(node), set()).update(coordinates)


def uses_of(document: DocumentNode, schema: GraphQLSchema) -> Uses:
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
        for name, times in Counter(each.name.value for each in nodes).items():
            definition = self.schema.get_directive(name)
            used = {f"@{name}", f"@{name} on {location}", *([f"@{name} repeated"] if times > 1 else [])}
            self.uses.elements |= used
            for each in nodes:
                if each.name.value == name:
                    self.uses.note(each, *used)
                    self.values.arguments(each.arguments or (), definition, f"@{name}", each)

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
            self.uses.reads.add(kind.name)
        behind = self.schema.get_possible_types(parent) if isinstance(parent, GraphQLInterfaceType) else ()
        self.uses.through |= {f"{each.name}.{name}" for each in behind}
        of = [coordinate, *(f"{each.name}.{name}" for each in behind)]
        self.values.arguments(node.arguments or (), definition, coordinate, node, also_left_out=of)
        if node.selection_set:
            self.selections(node.selection_set, kind)
