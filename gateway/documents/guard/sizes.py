"""Computes the sizes of selections, fragments included, and counts the values of arguments."""

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
    """The size of selections. A fragment counts at each spread."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    values: int = 0
    """Values of arguments. Each item of a list and each field of an object counts. The limit is that of fields."""
    root_fields: int = 0
    """Fields of the root selection set. An operation with many of them is like a batch."""

    def add(self, other: "Size") -> "Size":
        return Size(max(self.depth, other.depth), *(a + b for a, b in zip(self[1:], other[1:], strict=True)))


EMPTY = Size()


class Sizes:
    """Computes sizes. Visits each fragment once. Missing and recursive fragments count 0: validation rejects them."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        for node in document.definitions:
            if isinstance(node, FragmentDefinitionNode):
                if node.name.value in self._fragments:
                    raise GraphQLError(f"There can be only one fragment named '{node.name.value}'.", node)
                self._fragments[node.name.value] = node
        self._fragment_sizes: dict[str, Size] = {}

    def of_operation(self, node: OperationDefinitionNode) -> Size:
        _check_name(node.name)
        size = self._of(node.selection_set).add(_of_directives(node.directives))
        for variable in node.variable_definitions or ():
            size = size.add(_of_directives(variable.directives))
            if variable.default_value:
                size = size._replace(values=size.values + _count([variable.default_value]))
        return size

    def of_unused_fragments(self) -> Iterator[tuple[FragmentDefinitionNode, Size]]:
        """Yields fragments that no operation uses."""
        for name in self._fragments.keys() - self._fragment_sizes.keys():
            yield self._fragments[name], self._of_fragment(name)

    def _of(self, selections: SelectionSetNode) -> Size:
        size = EMPTY
        for node in selections.selections:
            size = size.add(self._of_one(node))
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
                size = EMPTY
        return size.add(_of_directives(node.directives)) if node.directives else size

    def _of_field(self, node: FieldNode) -> Size:
        _check_name(node.alias)
        children = self._of(node.selection_set) if node.selection_set else EMPTY
        aliases = children.aliases + (node.alias is not None)
        values = children.values + (_count([argument.value for argument in node.arguments]) if node.arguments else 0)
        return Size(children.depth + 1, children.fields + 1, aliases, children.directives, values, root_fields=1)

    def _of_fragment(self, name: str) -> Size:
        if name not in self._fragment_sizes:
            self._fragment_sizes[name] = EMPTY
            if fragment := self._fragments.get(name):
                self._fragment_sizes[name] = self._of(fragment.selection_set).add(_of_directives(fragment.directives))
        return self._fragment_sizes[name]


def _check_name(node: NameNode | None) -> None:
    """Limits names of operations and aliases, because responses and logs contain them."""
    if node is not None and len(node.value) > MAX_NAME_LENGTH:
        raise GraphQLError(f"A name is longer than {MAX_NAME_LENGTH} characters.", node)


def _of_directives(nodes: Sequence[DirectiveNode] | None) -> Size:
    values = [argument.value for node in nodes or () for argument in node.arguments or ()]
    return Size(directives=len(nodes), values=_count(values)) if nodes else EMPTY


def _count(values: list[ValueNode]) -> int:
    """Counts values with their nested values. Raises `GraphQLError` for a number that Python would not convert."""
    for value in values:
        match value:
            case ListValueNode():
                values.extend(value.values)
            case ObjectValueNode():
                values.extend(field.value for field in value.fields)
            case IntValueNode() | FloatValueNode() if len(value.value) > _MAX_DIGITS:
                raise GraphQLError(f"A number has more than {_MAX_DIGITS} digits.", value)
            case _:
                """A value without nested values."""
    return len(values)
