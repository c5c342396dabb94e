"""What a process knows of the list of trusted documents."""

import hashlib
import re
from collections import OrderedDict
from typing import NamedTuple, TypeVar

from adapters.database import Queries

MAX_KNOWN = 2000
MAX_MISSING = 2000
"""Ids that stand for nothing, remembered so that they cost no second statement."""

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
    """A document that somebody registered, with the SHA-256 of its text in hexadecimal digits."""

    id: str
    hash: str
    text: str


class TrustedDocuments:
    """Finds documents, most of them without a statement. `refresh` learns that the list was changed."""

    def __init__(self) -> None:
        self._known = OrderedDict[str, TrustedDocument]()
        self._missing = OrderedDict[str, None]()
        self._revision: int | None = None
        """Of the list that is known here; none when it is not known whether there is one."""

    async def find(self, queries: Queries, key: str) -> TrustedDocument | None:
        """By its id, else by its hash. `Unavailable` when that cannot be asked."""
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
            return found
        if key in self._missing or self._revision == 0:
            return None
        revision = self._revision
        rows = await queries.fetch(_FIND, key)
        found = TrustedDocument(**rows[0]) if rows else None
        if revision == self._revision:
            self._remember(key, found)
        return found

    async def refresh(self, queries: Queries) -> None:
        """Forgets what may be otherwise by now, when the list was changed; an id never stands for another text."""
        rows = await queries.fetch(_REVISION)
        revision = rows[0]["number"] if rows else 0
        if revision == self._revision:
            return
        ids = {found.id for found in self._known.values()}
        still = {row["id"] for row in await queries.fetch_with_rows(_STILL, {"id": "text"}, [(each,) for each in ids])}
        self._known = OrderedDict((key, found) for key, found in self._known.items() if found.id in still)
        self._missing.clear()
        self._revision = revision

    def _remember(self, key: str, found: TrustedDocument | None) -> None:
        if found is None:
            _put(self._missing, key, None, MAX_MISSING)
        else:
            _put(self._known, key, found, MAX_KNOWN)


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_hash(key: str) -> bool:
    return _HASH.fullmatch(key) is not None


def usable_id(text: str) -> str | None:
    """An id without the prefix that says that it is a hash; None when nothing can have such an id."""
    key = text.removeprefix(_PREFIX)
    return key if _ID.fullmatch(key) else None


def _put(kept: OrderedDict[str, V], key: str, value: V, most: int) -> None:
    kept[key] = value
    if len(kept) > most:
        kept.popitem(last=False)
