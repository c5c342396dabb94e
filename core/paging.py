"""Keyset pagination with signed cursors.

A cursor contains the sort key of the last row of a page. The name of the list is signed with it but not contained, so a
cursor is not valid for another list. The name includes the filter, and the viewer where the list is private.
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

_NOT_OF_LIST = "not a cursor of this list. Start again without a cursor."

_SIGNATURE_BYTES = 10
_NUMBER_BYTES = 8
_MAX_CURSOR_LENGTH = 80
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_PACK = {numbers: struct.Struct(f">{numbers}Q").pack for numbers in range(1, 6)}
"""The packing function for each number of numbers in a sort key."""

SortKey = tuple[int, ...]
"""The sort key of a row: numbers from 0 to 2**63 - 1, the last of which is an id."""


class Page(TypedDict, Generic[RowT]):
    """One page of a list: its rows in order, whether rows follow and precede, and a function that writes cursors.

    `nodes` contains the node of each row where that is not the row itself, and None for nodes that the viewer may not
    see.
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

    def writer(self, list_name: str) -> Callable[[SortKey], str]:
        """Returns a function from a sort key of this list to its cursor."""
        signer = _signer(self._keys[0], list_name)

        def write(sort_key: SortKey) -> str:
            packed = _PACK[len(sort_key)](*sort_key)
            row_signer = signer.copy()
            row_signer.update(packed)
            written = b2a_base64(packed + row_signer.digest(), newline=False)
            return written.translate(_URL_SAFE, b"=").decode()

        return write

    def read(self, list_name: str, cursor: str, argument: str, rejection: str = _NOT_OF_LIST) -> SortKey:
        """Returns the sort key of a cursor of this list.

        Raises `BadUserInput` for `argument` with the text `rejection` when it is not one.
        """
        try:
            data = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)) if len(cursor) <= _MAX_CURSOR_LENGTH else b""
        except ValueError:
            data = b""
        packed, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
        if not any(compare_digest(signature, _sign(key, list_name, packed)) for key in self._keys):
            raise BadUserInput(argument, rejection)
        return struct.unpack(f">{len(packed) // _NUMBER_BYTES}Q", packed)


def _signer(key: SecretKey, list_name: str) -> blake2b:
    return blake2b(list_name.encode() + b"\0", key=key.secret, digest_size=_SIGNATURE_BYTES)


def _sign(key: SecretKey, list_name: str, packed: bytes) -> bytes:
    signer = _signer(key, list_name)
    signer.update(packed)
    return signer.digest()


class RowCursor:
    """Writes the cursors of a page's rows. The columns `by` are the sort key."""

    __slots__ = ("_by", "_request", "_write")

    def __init__(self, request: "PageRequest", by: tuple[str, ...]) -> None:
        self._request = request
        self._by = by
        self._write: Callable[[SortKey], str] | None = None

    def __call__(self, row: Mapping[str, Any]) -> str:
        if self._write is None:
            self._write = self._request.cursors.writer(self._request.list_name)
        return self._write(tuple([row[column] for column in self._by]))


class PageRequest(NamedTuple):
    """A request for a page of a list: `first` rows after the sort key `after`."""

    list_name: str
    first: int
    after: SortKey | None
    cursors: Cursors

    @property
    def limit(self) -> int:
        """The number of rows to read: one more than `first` shows whether others follow."""
        return self.first + 1

    @property
    def limit_and_after(self) -> tuple[int, SortKey | None]:
        """The limit and the sort key, which requests for several lists can have in common."""
        return self.limit, self.after

    def after_or(self, start: int) -> int:
        """Returns the sort key of a list that is ordered by one number, or `start` for the first page."""
        return start if self.after is None else self.after[0]

    def page(self, rows: Sequence[RowT], *, by: tuple[str, ...] = ("id",)) -> Page[RowT]:
        """Returns the page made of at most `limit` rows, which are ordered by the columns `by`."""
        return {
            "rows": rows[: self.first],
            "has_next": len(rows) > self.first,
            "has_previous": self.after is not None,
            "cursor": RowCursor(self, by),
        }


def read_page_requests(
    cursors: Cursors, list_names: Sequence[str], first: int | None, after: str | None
) -> list[PageRequest]:
    """Returns requests for the same page of several lists. Raises `BadUserInput`, which names the invalid argument."""
    if after is not None or not list_names:
        return [read_page_request(cursors, name, first, after) for name in list_names]
    count = read_page_request(cursors, list_names[0], first, after).first
    return [PageRequest(name, count, None, cursors) for name in list_names]


def read_page_request(cursors: Cursors, list_name: str, first: int | None, after: str | None) -> PageRequest:
    """Checks a client's `first` and `after`. Raises `BadUserInput`, which names the invalid one."""
    count = check_first(first, DEFAULT_FIRST)
    sort_key = None if after is None else cursors.read(list_name, after, "after")
    return PageRequest(list_name, count, sort_key, cursors)


def check_first(first: int | None, default: int) -> int:
    """Returns a client's `first`, or the default. Raises `BadUserInput` if it is out of range."""
    count = default if first is None else first
    if not 1 <= count <= MAX_FIRST:
        raise BadUserInput("first", f"must be from 1 to {MAX_FIRST}, not {count}.")
    return count
