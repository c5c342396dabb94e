"""Lists registered documents."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import NamedTuple

from adapters.database import Queries

_PAGE = 500
_RELEASES = (
    "SELECT app, version, COUNT(*) AS documents, MAX(imported_at) AS imported_at FROM app_documents "
    "GROUP BY app, version ORDER BY app, version"
)
_DOCUMENTS = "SELECT id, name, text FROM trusted_documents WHERE id > $1 ORDER BY id LIMIT $2"
_APPS = (
    "SELECT a.document_id, a.app, a.version FROM input_rows g JOIN app_documents a ON a.document_id = g.id "
    "ORDER BY a.app, a.version"
)


class Release(NamedTuple):
    """A version of an app, with the number of its documents."""

    app: str
    version: str
    documents: int
    imported_at: datetime


class RegisteredDocument(NamedTuple):
    """A document, with the apps and versions that send it."""

    id: str
    name: str
    text: str
    sent_by: list[str]


async def releases(queries: Queries) -> list[Release]:
    """Returns all versions of all apps."""
    rows = await queries.fetch(_RELEASES)
    return [Release(row["app"], row["version"], row["documents"], row["imported_at"]) for row in rows]


async def all_documents(queries: Queries) -> AsyncGenerator[RegisteredDocument]:
    """Yields all documents in the order of their ids, with one page in memory at a time."""
    last = ""
    while rows := await queries.fetch(_DOCUMENTS, last, _PAGE):
        sent_by: dict[str, list[str]] = {}
        for row in await queries.fetch_with_rows(_APPS, {"id": "text"}, [(row["id"],) for row in rows]):
            sent_by.setdefault(row["document_id"], []).append(f"{row['app']} {row['version']}")
        for row in rows:
            yield RegisteredDocument(row["id"], row["name"], row["text"], sent_by.get(row["id"], []))
        last = rows[-1]["id"]
