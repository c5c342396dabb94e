"""Documents without `@defer` and `@stream`: the same answer, in one piece."""

from graphql import DirectiveNode, DocumentNode, visit
from graphql.language import REMOVE, Visitor, VisitorAction

_INCREMENTAL = {"defer", "stream"}


def without_incremental(document: DocumentNode) -> DocumentNode:
    """The same document where it has neither directive."""
    return visit(document, _Removed())


class _Removed(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value in _INCREMENTAL else None
