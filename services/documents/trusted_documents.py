"""A process's cache of registered documents."""

import hashlib
import re
from collections import OrderedDict
from typing import NamedTuple, TypeVar

from adapters.database import Queries

MAX_KNOWN = 2000
MAX_MISSING = 2000
"""The maximum of unknown ids in the cache, which saves statements for them."""

_ID = re.compile(r"[!-~]{1,200}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_PREFIX = "sha256:"

_REVISION = "SELECT number FROM document_revisions WHERE id = 1"
_FIND = (
    "SELECT id, hash, text FROM trusted_documents WHERE id = $1 OR hash = $1 "
    "ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END, id LIMIT 1"
)
_STILL = "SELECT d.id FROM input_rows g JOIN trusted_documents d ON d.id = g.id"

V = TypeVar("V")


class TrustedDocument(NamedTuple):
    """A registered document, with the SHA-256 of its text in hexadecimal digits."""

    id: str
    hash: str
    text: str


class TrustedDocuments:
    """Finds documents, most of them without a statement. `refresh` learns about changes."""

    def __init__(self) -> None:
        self._known = OrderedDict[str, TrustedDocument]()
        self._missing = OrderedDict[str, None]()
        self._revision: int | None = None
        """The revision of the cached list. None while it is unknown whether there is one."""

    @property
    def revision(self) -> int | None:
        """The revision of the registered documents that this process knows. It changes when one is added or removed."""
        return self._revision

    async def find(self, queries: Queries, key: str) -> TrustedDocument | None:
        """Returns the document with this id or, if there is none, with this hash.

        Raises `Unavailable` when the database is unavailable.
        """
        document = self._known.get(key)
        if document is not None:
            self._known.move_to_end(key)
            return document
        if key in self._missing or self._revision == 0:
            return None
        revision = self._revision
        rows = await queries.fetch(_FIND, key)
        document = TrustedDocument(**rows[0]) if rows else None
        if revision == self._revision:
            self._remember(key, document)
        return document

    def has(self, key: str) -> bool:
        """Returns whether this process knows a registered document with this id or hash."""
        return key in self._known

    async def refresh(self, queries: Queries) -> None:
        """Removes outdated documents from the cache after a change. An id never gets another text."""
        rows = await queries.fetch(_REVISION)
        revision = rows[0]["number"] if rows else 0
        if revision == self._revision:
            return
        ids = {document.id for document in self._known.values()}
        still = {row["id"] for row in await queries.fetch_with_rows(_STILL, {"id": "text"}, [(key,) for key in ids])}
        self._known = OrderedDict((key, document) for key, document in self._known.items() if document.id in still)
        self._missing.clear()
        self._revision = revision

    def _remember(self, key: str, document: TrustedDocument | None) -> None:
        if document is None:
            _put(self._missing, key, None, MAX_MISSING)
        else:
            _put(self._known, key, document, MAX_KNOWN)


def hash_of(text: str) -> str:
    """Returns the SHA-256 of a text in hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_hash(key: str) -> bool:
    """Returns whether a key is a SHA-256 in hexadecimal digits."""
    return _HASH.fullmatch(key) is not None


def usable_id(text: str) -> str | None:
    """Returns an id without the prefix of hashes. None if no document can have this id."""
    key = text.removeprefix(_PREFIX)
    return key if _ID.fullmatch(key) else None


def _put(cache: OrderedDict[str, V], key: str, value: V, max_entries: int) -> None:
    cache[key] = value
    if len(cache) > max_entries:
        cache.popitem(last=False)
