"""Keyset pages and the signed cursors between them.

A cursor is the id of the last row seen, signed together with the list it belongs to. The list (with its filter, and its
viewer where it is private) is part of what is signed, not of the cursor, so a cursor opens no other list.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, Generic, TypedDict, TypeVar

from core.errors import BadUserInput
from core.keys import Key, KeyRing

DEFAULT_FIRST = 20
HIGHEST_FIRST = 100

RowT = TypeVar("RowT", bound=Mapping[str, Any])

_POSITION = struct.Struct(">Q")
_SIGNATURE_BYTES = 10


class Page(TypedDict, Generic[RowT]):
    """One page of a list: its rows in order, whether more follow and precede, and how to write a row's cursor."""

    rows: Sequence[RowT]
    has_next: bool
    has_previous: bool
    cursor: Callable[[RowT], str]


class Cursors:
    """Writes and reads the cursors of all lists."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys.derive("cursor")

    def write(self, list_name: str, position: int) -> str:
        packed = _POSITION.pack(position)
        return urlsafe_b64encode(packed + _sign(self._keys[0], list_name, packed)).decode()

    def read(self, list_name: str, cursor: str, argument: str) -> int:
        """The position in a cursor of this list; `BadUserInput` for `argument` when it is none."""
        try:
            data = urlsafe_b64decode(cursor)
            (position,) = _POSITION.unpack_from(data)
        except (ValueError, struct.error):
            data, position = b"", 0
        packed, signature = data[: _POSITION.size], data[_POSITION.size :]
        if not any(compare_digest(signature, _sign(key, list_name, packed)) for key in self._keys):
            raise BadUserInput(argument, "this is not a cursor of this list. Start again without one.")
        return position


def _sign(key: Key, list_name: str, packed: bytes) -> bytes:
    return blake2b(packed + list_name.encode(), key=key.secret, digest_size=_SIGNATURE_BYTES).digest()


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of which list is wanted: `first` rows after the row with id `after`."""

    list_name: str
    first: int
    after: int | None
    cursors: Cursors

    @property
    def limit(self) -> int:
        """Rows to read: one more than wanted tells whether others follow."""
        return self.first + 1

    @property
    def span(self) -> tuple[int, int | None]:
        """Rows to read, and after which: what requests of several lists can have in common."""
        return self.limit, self.after

    def page(self, rows: Sequence[RowT]) -> Page[RowT]:
        """The page, from up to `limit` rows that were read for it."""

        def cursor(row: RowT) -> str:
            return self.cursors.write(self.list_name, row["id"])

        return {
            "rows": rows[: self.first],
            "has_next": len(rows) > self.first,
            "has_previous": self.after is not None,
            "cursor": cursor,
        }


def read_page_request(cursors: Cursors, list_name: str, first: int | None, after: str | None) -> PageRequest:
    """Checks a client's `first` and `after`; `BadUserInput` names the one that is wrong."""
    count = DEFAULT_FIRST if first is None else first
    if not 1 <= count <= HIGHEST_FIRST:
        raise BadUserInput("first", f"ask for 1 to {HIGHEST_FIRST}, not {count}.")
    position = None if after is None else cursors.read(list_name, after, "after")
    return PageRequest(list_name, count, position, cursors)
