"""Removes `@defer` and `@stream` from documents, for responses in one piece."""

from graphql import DirectiveNode, DocumentNode, visit
from graphql.language import REMOVE, Visitor, VisitorAction

_INCREMENTAL = {"defer", "stream"}


def without_incremental(document: DocumentNode) -> DocumentNode:
    """Returns the document without the directives. Returns the same object if it has none."""
    return visit(document, _Remover())


class _Remover(Visitor):
    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value in _INCREMENTAL else None
