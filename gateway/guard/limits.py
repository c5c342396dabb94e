"""How large a document may be, found in one pass before it is validated."""

from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from core.settings import Settings

MOST_OPERATIONS = 100
"""Of a document. Clients send one, and some of them all that they have; each takes every rule of validation again."""


class Limits(NamedTuple):
    """The most that a document may have of each."""

    tokens: int
    depth: int
    fields: int
    aliases: int
    directives: int
    root_fields: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        return cls(
            tokens=settings.max_tokens,
            depth=settings.max_depth,
            fields=settings.max_fields,
            aliases=settings.max_aliases,
            directives=settings.max_directives,
            root_fields=settings.max_root_fields,
        )


class Size(NamedTuple):
    """Of selections, with what a fragment has counted wherever it is spread."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    """Those at the top. An operation with many is as good as a batch."""

    def beside(self, other: "Size") -> "Size":
        return Size(max(self.depth, other.depth), *(a + b for a, b in zip(self[1:], other[1:], strict=True)))


NOTHING = Size()


def check_size(document: DocumentNode, limits: Limits) -> None:
    """`GraphQLError` says which limit the document exceeds."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > MOST_OPERATIONS:
        raise GraphQLError(f"The document has more than {MOST_OPERATIONS} operations. Send the one that is to run.")
    sizes, whole = _Sizes(document), NOTHING
    for operation in operations:
        size = sizes.of(operation.selection_set)
        # Any one of them may run, and all are validated.
        whole = whole.beside(size)._replace(root_fields=size.root_fields)
        if excess := _excess(whole, limits):
            raise GraphQLError(f"{excess} Ask for it in parts, or send the id of a registered document.", operation)


def _excess(size: Size, limits: Limits) -> str:
    if size.depth > limits.depth:
        return f"The document is nested deeper than {limits.depth} fields."
    for name in ("fields", "aliases", "directives", "root_fields"):
        if getattr(size, name) > getattr(limits, name):
            return f"The document has more than {getattr(limits, name):,} {name.replace('_', ' ')}, fragments included."
    return ""


class _Sizes:
    """Each fragment is looked through once. What is missing, or in itself, has no size: validation tells of it."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, Size] = {}

    def of(self, selections: SelectionSetNode) -> Size:
        size = NOTHING
        for node in selections.selections:
            size = size.beside(self._of_one(node))
        return size

    def _of_one(self, node: SelectionNode) -> Size:
        match node:
            case FieldNode():
                size = self._of_field(node)
            case InlineFragmentNode():
                size = self.of(node.selection_set)
            case FragmentSpreadNode():
                size = self._of_fragment(node.name.value)
            case _:
                size = NOTHING
        return size._replace(directives=size.directives + len(node.directives)) if node.directives else size

    def _of_field(self, node: FieldNode) -> Size:
        inside = self.of(node.selection_set) if node.selection_set else NOTHING
        aliases = inside.aliases + (node.alias is not None)
        return Size(inside.depth + 1, inside.fields + 1, aliases, inside.directives, root_fields=1)

    def _of_fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = NOTHING
            if name in self._fragments:
                self._known[name] = self.of(self._fragments[name].selection_set)
        return self._known[name]
