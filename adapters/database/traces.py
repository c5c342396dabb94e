"""Spans of statements."""

import re
from collections.abc import Awaitable
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple, TypeVar

from core.tracing import Span, SpanKind

_MAX_TEXT = 2000
_PART = re.compile(
    r"[()]|\b(INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_][a-z0-9_]*)|\b(?:FROM|JOIN)\s+([a-z_][a-z0-9_]*)\b(?!\s*\()"
)
_NAMED = re.compile(r"\b([a-z_][a-z0-9_]*)(?:\s*\([^()]*\))?\s+AS\s+(?:(?:NOT )?MATERIALIZED\s+)?\(")
_WRITES = {"INSERT INTO": "INSERT", "UPDATE": "UPDATE", "DELETE FROM": "DELETE"}

ValueT = TypeVar("ValueT")


class _Description(NamedTuple):
    operation: str
    summary: str
    text: str


async def traced_statement(parent: Span, system: str, statement: str, fetch: Awaitable[ValueT]) -> ValueT:
    """Returns the result of a statement, which has a span. The span contains the text and no values."""
    if not parent.is_recording:
        return await fetch
    described = _describe(statement)
    attributes = {
        "db.system.name": system,
        "db.operation.name": described.operation,
        "db.query.summary": described.summary,
        "db.query.text": described.text,
    }
    with parent.child(described.summary, SpanKind.CLIENT, {**attributes}) as span:
        try:
            return await fetch
        except Exception as error:
            if state := getattr(error, "sqlstate", None):
                span.attributes["db.response.status_code"] = str(state)
            raise


@lru_cache(maxsize=1024)
def _describe(statement: str) -> _Description:
    """Returns the operation and the table of a statement. All statements are fixed texts, so there are few.

    The table is the first one that it writes, or else the outermost one that it reads.
    """
    named = {"input_rows", *_NAMED.findall(statement)}
    depth, reads, writes = 0, list[tuple[int, str]](), list[tuple[str, str]]()
    for part in _PART.finditer(statement):
        depth += (part[0] == "(") - (part[0] == ")")
        if part[1]:
            writes.append((_WRITES[part[1]], part[2]))
        elif part[3] and part[3] not in named:
            reads.append((depth, part[3]))
    if writes:
        operation, table = writes[0]
    elif reads:
        operation, table = "SELECT", min(reads, key=itemgetter(0))[1]
    else:
        operation, table = next(iter(statement.split()), "").upper(), ""
    return _Description(operation, f"{operation} {table}".strip(), statement[:_MAX_TEXT])
