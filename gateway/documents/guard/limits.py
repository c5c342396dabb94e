"""How large a document may be: its text before it is parsed, and what it selects before it is validated."""

import re
from itertools import islice
from typing import NamedTuple

from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, Node, OperationDefinitionNode, Source

from core.settings import Settings
from gateway.documents.guard.sizes import NOTHING, Size, Sizes

MAX_DOCUMENT_LENGTH = 64 * 1024
"""Of a document that nobody has registered. What does not belong into it, like a text, belongs into its variables."""
MAX_OPERATIONS = 50
"""Of a document. Clients send one, and some of them all that they have; each takes every rule of validation again."""

_SOURCE = Source("")
_TOKEN = re.compile(
    r'''"""(?:[^"\\]|\\"""|\\(?!""")|"(?!""))*(?:""")?'''
    r"""|"(?:[^"\\\n]|\\.)*"?|\#[^\n]*|[\w.-]+|[^\s,\ufeff]"""
)
"""A string that does not end goes on to the end of the text: to look for one again from each quote would take long."""


class DocumentLimits(NamedTuple):
    """The most that a document may have of each."""

    tokens: int
    depth: int
    fields: int
    aliases: int
    directives: int
    root_fields: int

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


def check_text(text: str, limits: DocumentLimits) -> None:
    """`GraphQLError` says which limit the text exceeds; nothing is parsed."""
    if len(text) > MAX_DOCUMENT_LENGTH:
        raise GraphQLSyntaxError(_SOURCE, 0, f"The document is longer than {MAX_DOCUMENT_LENGTH:,} characters.")
    if text.count("\n") + text.count("\r") - text.count("\r\n") > limits.tokens:
        # For each error graphql-core goes through all lines before it.
        raise GraphQLSyntaxError(_SOURCE, 0, f"The document has more than {limits.tokens:,} lines.")
    if _has_more_tokens(text, limits.tokens):
        raise GraphQLSyntaxError(_SOURCE, 0, f"The document has more than {limits.tokens:,} tokens.")


def _has_more_tokens(text: str, most: int) -> bool:
    """Counted roughly, and never too many: the parser counts too, but needs some 50 times as long until it knows.

    A comment is found like a token and is none, so as many more are let through.
    """
    if len(text) <= most:
        return False
    return next(islice(_TOKEN.finditer(text), most + text.count("#"), None), None) is not None


def check_size(document: DocumentNode, limits: DocumentLimits) -> None:
    """`GraphQLError` says which limit the document exceeds."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > MAX_OPERATIONS:
        raise GraphQLError(f"The document has more than {MAX_OPERATIONS} operations. Send the one that is to run.")
    sizes, whole = Sizes(document), NOTHING
    for operation in operations:
        size = sizes.of_operation(operation)
        # Any one of them may run, and all are validated.
        whole = whole.beside(size)._replace(root_fields=size.root_fields)
        _check(whole, limits, operation)
    for fragment, size in sizes.of_the_rest():
        _check(whole := whole.beside(size)._replace(root_fields=0), limits, fragment)


def _check(size: Size, limits: DocumentLimits, node: Node) -> None:
    excess = ""
    if size.depth > limits.depth:
        excess = f"is nested deeper than {limits.depth} fields"
    elif size.values > limits.fields:
        excess = f"has more than {limits.fields:,} values of arguments, fragments included"
    else:
        for name in ("fields", "aliases", "directives", "root_fields"):
            if getattr(size, name) > (most := getattr(limits, name)):
                excess = f"has more than {most:,} {name.replace('_', ' ')}, fragments included"
                break
    if excess:
        advice = "Ask for it in parts, or send the id of a registered document."
        raise GraphQLError(f"The document {excess}. {advice}", node)
