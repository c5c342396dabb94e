"""Limits of documents. The text is checked before it is parsed, and the selections before they are validated."""

import re
from itertools import islice
from typing import NamedTuple

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, Node, OperationDefinitionNode, Source

from core.settings import Settings
from gateway.documents.guard.sizes import EMPTY, Size, Sizes

MAX_DOCUMENT_LENGTH = 64 * 1024
"""Characters of a document that is not registered. Long values belong into variables."""
MAX_OPERATIONS = 50
"""Operations of a document. Most clients send one, and some send all that they have. Each is validated."""

_SOURCE = Source("")
_TOKEN = re.compile(
    r'''"""(?:[^"\\]|\\"""|\\(?!""")|"(?!""))*(?:""")?'''
    r"""|"(?:[^"\\\n]|\\.)*"?|\#[^\n]*|[\w.-]+|[^\s,\ufeff]"""
)
"""Matches a token or a comment. An unterminated string matches to the end of the text. Otherwise each later quote would
start another search."""


class DocumentLimits(NamedTuple):
    """Maximum counts of a document, and its maximum length in characters."""

    tokens: int
    depth: int
    fields: int
    aliases: int
    directives: int
    root_fields: int
    length: int = MAX_DOCUMENT_LENGTH

    @classmethod
    def of(cls, settings: Settings) -> "DocumentLimits":
        return cls(
            tokens=settings.max_tokens,
            depth=settings.max_depth,
            fields=settings.max_fields,
            aliases=settings.max_aliases,
            directives=settings.max_directives,
            root_fields=settings.max_root_fields,
        )

    def of_registered(self) -> "DocumentLimits":
        """Returns the limits of registered documents of a server with these limits of others."""
        return DocumentLimits(*map(max, self, _REGISTERED))


_REGISTERED = DocumentLimits(
    tokens=12_500, depth=50, fields=5_000, aliases=5_000, directives=1_000, root_fields=5_000, length=256 * 1024
)
"""The limits of documents that are read within 0.3 s. Larger documents are rejected when they are registered."""


def check_text(text: str, limits: DocumentLimits) -> None:
    """Raises `GraphQLError` for the first limit that the text exceeds. Does not parse it."""
    if len(text) > limits.length:
        raise GraphQLSyntaxError(_SOURCE, 0, f"The document is longer than {limits.length:,} characters.")
    if text.count("\n") + text.count("\r") - text.count("\r\n") > limits.tokens:
        # graphql-core scans all previous lines for each error.
        raise GraphQLSyntaxError(_SOURCE, 0, f"The document has more than {limits.tokens:,} lines.")
    if _has_more_tokens(text, limits.tokens):
        raise GraphQLSyntaxError(_SOURCE, 0, f"The document has more than {limits.tokens:,} tokens.")


def _has_more_tokens(text: str, max_tokens: int) -> bool:
    """Returns whether the text has more tokens than the limit. May miss a small excess, which the parser finds.

    This takes a fiftieth of the time of the parser. Comments also match, so the limit is increased by their number.
    """
    if len(text) <= max_tokens:
        return False
    return next(islice(_TOKEN.finditer(text), max_tokens + text.count("#"), None), None) is not None


def check_size(document: DocumentNode, limits: DocumentLimits) -> None:
    """Raises `GraphQLError` for the first limit that the document exceeds."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > MAX_OPERATIONS:
        raise GraphQLError(f"The document has more than {MAX_OPERATIONS} operations. Send only the one to execute.")
    sizes, total = Sizes(document), EMPTY
    for operation in operations:
        size = sizes.of_operation(operation)
        # All operations are validated. Only one is executed, so root fields are not added up.
        total = total.add(size)._replace(root_fields=size.root_fields)
        _check(total, limits, operation)
    for fragment, size in sizes.of_unused_fragments():
        _check(total := total.add(size)._replace(root_fields=0), limits, fragment)


def _check(size: Size, limits: DocumentLimits, node: Node) -> None:
    excess = ""
    if size.depth > limits.depth:
        excess = f"is nested deeper than {limits.depth} fields"
    elif size.values > limits.fields:
        excess = f"has more than {limits.fields:,} values of arguments, fragments included"
    else:
        for name in ("fields", "aliases", "directives", "root_fields"):
            if getattr(size, name) > (maximum := getattr(limits, name)):
                excess = f"has more than {maximum:,} {name.replace('_', ' ')}, fragments included"
                break
    if excess:
        is_registered = limits == limits.of_registered()
        advice = "Split it." if is_registered else "Split it, or send the id of a registered document."
        raise GraphQLError(f"The document {excess}. {advice}", node)
