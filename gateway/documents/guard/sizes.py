"""How large what is selected is, fragments included, and the values of arguments."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NameNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
)

MAX_NAME_LENGTH = 256
_MAX_DIGITS = 400


class Size(NamedTuple):
    """Of selections, with what a fragment has counted wherever it is spread."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    values: int = 0
    """Of arguments; each item of a list and each field of an object is one. A document may have as many as fields."""
    root_fields: int = 0
    """Those at the top. An operation with many is as good as a batch."""

    def beside(self, other: "Size") -> "Size":
        return Size(max(self.depth, other.depth), *(a + b for a, b in zip(self[1:], other[1:], strict=True)))


NOTHING = Size()


class Sizes:
    """Each fragment is looked through once. What is missing, or in itself, has no size: validation tells of it."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        for node in document.definitions:
            if isinstance(node, FragmentDefinitionNode):
                if node.name.value in self._fragments:
                    raise GraphQLError(f"There can be only one fragment named '{node.name.value}'.", node)
                self._fragments[node.name.value] = node
        self._known: dict[str, Size] = {}

    def of_operation(self, node: OperationDefinitionNode) -> Size:
        _check_name(node.name)
        size = self._of(node.selection_set).beside(_of_directives(node.directives))
        for variable in node.variable_definitions or ():
            size = size.beside(_of_directives(variable.directives))
            if variable.default_value:
                size = size._replace(values=size.values + _count([variable.default_value]))
        return size

    def of_the_rest(self) -> Iterator[tuple[FragmentDefinitionNode, Size]]:
        """Fragments that no operation uses."""
        for name in self._fragments.keys() - self._known.keys():
            yield self._fragments[name], self._of_fragment(name)

    def _of(self, selections: SelectionSetNode) -> Size:
        size = NOTHING
        for node in selections.selections:
            size = size.beside(self._of_one(node))
        return size

    def _of_one(self, node: SelectionNode) -> Size:
        match node:
            case FieldNode():
                size = self._of_field(node)
            case InlineFragmentNode():
                size = self._of(node.selection_set)
            case FragmentSpreadNode():
                size = self._of_fragment(node.name.value)
            case _:
                size = NOTHING
        return size.beside(_of_directives(node.directives)) if node.directives else size

    def _of_field(self, node: FieldNode) -> Size:
        _check_name(node.alias)
        inside = self._of(node.selection_set) if node.selection_set else NOTHING
        aliases = inside.aliases + (node.alias is not None)
        values = inside.values + (_count([each.value for each in node.arguments]) if node.arguments else 0)
        return Size(inside.depth + 1, inside.fields + 1, aliases, inside.directives, values, root_fields=1)

    def _of_fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = NOTHING
            if fragment := self._fragments.get(name):
                self._known[name] = self._of(fragment.selection_set).beside(_of_directives(fragment.directives))
        return self._known[name]


def _check_name(node: NameNode | None) -> None:
    """Of an operation or an alias: answers repeat it."""
    if node is not None and len(node.value) > MAX_NAME_LENGTH:
        raise GraphQLError(f"A name has more than {MAX_NAME_LENGTH} letters.", node)


def _of_directives(nodes: Sequence[DirectiveNode] | None) -> Size:
    values = [argument.value for node in nodes or () for argument in node.arguments or ()]
    return Size(directives=len(nodes), values=_count(values)) if nodes else NOTHING


def _count(values: list[ValueNode]) -> int:
    """With what is within them. A number that Python would not read is refused, before something reads it."""
    for value in values:
        match value:
            case ListValueNode():
                values.extend(value.values)
            case ObjectValueNode():
                values.extend(field.value for field in value.fields)
            case IntValueNode() | FloatValueNode() if len(value.value) > _MAX_DIGITS:
                raise GraphQLError(f"A number has more than {_MAX_DIGITS} digits.", value)
            case _:
                """One of them, and nothing within."""
    return len(values)
