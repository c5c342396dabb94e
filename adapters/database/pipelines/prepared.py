"""The prepared statements of one connection."""

import secrets
from collections import OrderedDict
from itertools import count

from adapters.database.pipelines.results import RowReader

MAX_PREPARED = 100
"""Prepared statements of a connection. The one that was used least recently is closed for another."""


class Prepared:
    """A statement that the server has prepared. `reader` is None until it has returned its first result."""

    __slots__ = ("name", "reader")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.reader: RowReader | None = None


class PreparedStatements:
    """Prepared statements by their text.

    A name is never used twice, not even on another connection: behind PgBouncer, they may share a server's process.
    """

    def __init__(self) -> None:
        self._prefix = b"bff_%s_" % secrets.token_hex(4).encode()
        self._found: OrderedDict[str, Prepared] = OrderedDict()
        self._numbers = count()
        self._outdated: list[bytes] = []

    def __len__(self) -> int:
        return len(self._found)

    def get(self, sql: str) -> Prepared | None:
        found = self._found.get(sql)
        if found is not None:
            self._found.move_to_end(sql)
        return found

    def add(self, sql: str) -> Prepared:
        """Returns a new one, in place of an older one. The caller prepares it on the server."""
        self.forget(sql, is_on_server=True)
        made = self._found[sql] = Prepared(b"%s%d" % (self._prefix, next(self._numbers)))
        if len(self._found) > MAX_PREPARED:
            self._outdated.append(self._found.popitem(last=False)[1].name)
        return made

    def forget(self, sql: str, *, is_on_server: bool) -> None:
        """Removes a statement that is outdated, or that the server could not prepare."""
        removed = self._found.pop(sql, None)
        if removed is not None and is_on_server:
            self._outdated.append(removed.name)

    def take_outdated(self) -> list[bytes]:
        """Returns the names that are to be closed on the server."""
        names, self._outdated = self._outdated, []
        return names
