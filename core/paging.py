"""Keyset pages and the signed cursors between them.

A cursor is the position of the last row seen (what the list is ordered by), signed together with the name of its list.
The name says the filter, and the viewer where the list is private; it is not in the cursor, so a cursor opens no other.
"""

import struct
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from hmac import compare_digest
from typing import Any, Generic, NamedTuple, NotRequired, TypedDict, TypeVar

from core.errors import BadUserInput
from core.keys import KeyRing, SecretKey

DEFAULT_FIRST = 20
MAX_FIRST = 100

RowT = TypeVar("RowT", bound=Mapping[str, Any])

_SIGNATURE_BYTES = 10
_NUMBER_BYTES = 8
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_PACK = {numbers: struct.Struct(f">{numbers}Q").pack for numbers in range(1, 5)}
"""By how many numbers a position has."""

Position = tuple[int, ...]
"""What a list is ordered by, as numbers from 0 to 2**63 - 1; the last of them is an id."""


class Page(TypedDict, Generic[RowT]):
    """One page of a list: its rows in order, whether more follow and precede, and how to write a row's cursor.

    `nodes`, one for each row, is what is shown there where that is not the row itself; None for what may not be seen.
    """

    rows: Sequence[RowT]
    nodes: NotRequired[Sequence[Mapping[str, Any] | None]]
    has_next: bool
    has_previous: bool
    cursor: Callable[[RowT], str]


class Cursors:
    """Writes and reads the cursors of all lists."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys.derive("cursor")

    def writer(self, list_name: str) -> Callable[[Position], str]:
        """A function from a position in this list to its cursor."""
        signed = _signer(self._keys[0], list_name)

        def write(position: Position) -> str:
            packed = _PACK[len(position)](*position)
            signer = signed.copy()
            signer.update(packed)
            written = b2a_base64(packed + signer.digest(), newline=False)
            return written.translate(_URL_SAFE, b"=").decode()

        return write

    def read(self, list_name: str, cursor: str, argument: str) -> Position:
        """The position in a cursor of this list; `BadUserInput` for `argument` when it is none."""
        try:
            data = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            data = b""
        packed, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
        if not any(compare_digest(signature, _sign(key, list_name, packed)) for key in self._keys):
            raise BadUserInput(argument, "this is not a cursor of this list. Start again without one.")
        return struct.unpack(f">{len(packed) // _NUMBER_BYTES}Q", packed)


def _signer(key: SecretKey, list_name: str) -> blake2b:
    return blake2b(list_name.encode() + b"\0", key=key.secret, digest_size=_SIGNATURE_BYTES)


def _sign(key: SecretKey, list_name: str, packed: bytes) -> bytes:
    signer = _signer(key, list_name)
    signer.update(packed)
    return signer.digest()


class RowCursor:
    """Writes the cursors of a page's rows, from the columns `by`."""

    __slots__ = ("_by", "_request", "_write")

    def __init__(self, request: "PageRequest", by: tuple[str, ...]) -> None:
        self._request = request
        self._by = by
        self._write: Callable[[Position], str] | None = None

    def __call__(self, row: Mapping[str, Any]) -> str:
        if self._write is None:
            self._write = self._request.cursors.writer(self._request.list_name)
        return self._write(tuple([row[column] for column in self._by]))


class PageRequest(NamedTuple):
    """Which page of which list is wanted: `first` rows after the position `after`."""

    list_name: str
    first: int
    after: Position | None
    cursors: Cursors

    @property
    def limit(self) -> int:
        """Rows to read: one more than wanted tells whether others follow."""
        return self.first + 1

    @property
    def span(self) -> tuple[int, Position | None]:
        """Rows to read, and after which: what requests of several lists can have in common."""
        return self.limit, self.after

    def after_or(self, start: int) -> int:
        """For lists ordered by one number: the one to go on after, or where to start."""
        return start if self.after is None else self.after[0]

    def page(self, rows: Sequence[RowT], *, by: tuple[str, ...] = ("id",)) -> Page[RowT]:
        """The page, from up to `limit` rows that were read for it, ordered by the columns `by`."""
        return {
            "rows": rows[: self.first],
            "has_next": len(rows) > self.first,
            "has_previous": self.after is not None,
            "cursor": RowCursor(self, by),
        }


def read_page_requests(
    cursors: Cursors, list_names: Sequence[str], first: int | None, after: str | None
) -> list[PageRequest]:
    """The same page of several lists; `BadUserInput` names the argument that is wrong."""
    if after is not None or not list_names:
        return [read_page_request(cursors, name, first, after) for name in list_names]
    count = read_page_request(cursors, list_names[0], first, after).first
    return [PageRequest(name, count, None, cursors) for name in list_names]


def read_page_request(cursors: Cursors, list_name: str, first: int | None, after: str | None) -> PageRequest:
    """Checks a client's `first` and `after`; `BadUserInput` names the one that is wrong."""
    count = DEFAULT_FIRST if first is None else first
    if not 1 <= count <= MAX_FIRST:
        raise BadUserInput("first", f"ask for 1 to {MAX_FIRST}, not {count}.")
    position = None if after is None else cursors.read(list_name, after, "after")
    return PageRequest(list_name, count, position, cursors)
