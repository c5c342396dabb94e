"""Registers the documents of an app's version, and retires versions."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from adapters.database import Database, Queries
from core.errors import SettingsError
from services.documents.trusted_documents import hash_of, usable_id

_BATCH = 500

_CHANGED = (
    "INSERT INTO document_revisions (id, number) VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET number = document_revisions.number + 1 RETURNING number"
)
_DOCUMENT = {"id": "text", "hash": "text", "name": "text", "text": "text"}
_REGISTERED = "SELECT d.id, d.hash FROM input_rows g JOIN trusted_documents d ON d.id = g.id"
_INSERT = (
    "INSERT INTO trusted_documents (id, hash, name, text, created_at) SELECT id, hash, name, text, $1 FROM input_rows "
    "WHERE true ON CONFLICT DO NOTHING RETURNING id"
)
_BELONGS = (
    "INSERT INTO app_documents (app, version, document_id, imported_at) SELECT $1, $2, id, $3 FROM input_rows "
    "WHERE true ON CONFLICT DO NOTHING RETURNING document_id"
)
_RETIRE = "DELETE FROM app_documents WHERE app = $1 AND version = $2 RETURNING document_id"
_DELETE_UNUSED = (
    "DELETE FROM trusted_documents WHERE NOT EXISTS "
    "(SELECT 1 FROM app_documents a WHERE a.document_id = trusted_documents.id) RETURNING id"
)


class NewDocument(NamedTuple):
    """A document to register."""

    id: str
    name: str
    text: str


class ImportedDocuments(NamedTuple):
    """The number of documents that are new, and of those that are new for this version."""

    new: int
    added: int


class RemovedDocuments(NamedTuple):
    """The number of documents that the version had, and of those that no other version has."""

    documents: int
    gone: int


async def import_documents(
    database: Database, app: str, version: str, documents: Sequence[NewDocument], now: datetime
) -> ImportedDocuments:
    """Registers all documents or none. Repeating it changes nothing.

    Raises `SettingsError` with an id that already belongs to another text. Documents of the previous version stay,
    because people still use that build.
    """
    new, added = 0, 0
    async with database.transaction() as transaction:
        await transaction.fetch(_CHANGED)
        for start in range(0, len(documents), _BATCH):
            rows = [_row(document) for document in documents[start : start + _BATCH]]
            await _check_texts(transaction, rows)
            new += len(await transaction.fetch_with_rows(_INSERT, _DOCUMENT, rows, now))
            ids = [(row[0],) for row in rows]
            added += len(await transaction.fetch_with_rows(_BELONGS, {"id": "text"}, ids, app, version, now))
    return ImportedDocuments(new, added)


async def remove_documents(database: Database, app: str, version: str) -> RemovedDocuments:
    """Retires a version. A document stays while any version has it."""
    async with database.transaction() as transaction:
        await transaction.fetch(_CHANGED)
        retired = await transaction.fetch(_RETIRE, app, version)
        return RemovedDocuments(len(retired), len(await transaction.fetch(_DELETE_UNUSED)))


def _row(document: NewDocument) -> tuple[str, str, str, str]:
    key = usable_id(document.id)
    if key is None:
        raise SettingsError(f"the id {document.id[:200]!r} cannot be sent: 1 to 200 letters, digits and signs can")
    return key, hash_of(document.text), document.name, document.text


async def _check_texts(transaction: Queries, rows: Sequence[tuple[str, str, str, str]]) -> None:
    registered = await transaction.fetch_with_rows(_REGISTERED, {"id": "text"}, [(row[0],) for row in rows])
    hashes = {row["id"]: row["hash"] for row in registered}
    for key, digest, name, _ in rows:
        if hashes.get(key, digest) != digest:
            raise SettingsError(
                f"the id '{key}' of the operation '{name}' stands for another document already; "
                "an id stays with its text, so give the changed operation another"
            )
