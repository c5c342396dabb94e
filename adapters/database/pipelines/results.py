"""Converts results to rows, with the values that asyncpg returns."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from psycopg import DataError, postgres
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Loader, Transformer
from psycopg.pq import Format
from psycopg.pq.abc import PGresult

from adapters.database.pipelines import infinities
from adapters.database.pipelines.parameters import BINARY, TEXT
from adapters.database.rows import Rows, row_maker

_XID8, _PG_LSN, _VOID, _CID, _XID = 5069, 3220, 2278, 29, 28
_BINARY_TYPES = (
    *("bool", "bytea", '"char"', "name", "int8", "int2", "int4", "text", "oid", "json", "float4", "float8", "bpchar"),
    *("varchar", "date", "time", "timestamp", "timestamptz", "interval", "timetz", "numeric", "uuid", "jsonb"),
)


class _Nothing(Loader):
    """Loads `void`."""

    def load(self, data: Buffer) -> None: ...


class _TextOfJsonb(Loader):
    """Loads binary `jsonb`: a byte for its version, and text."""

    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        return bytes(data)[1:].decode()


class _Text(Loader):
    def load(self, data: Buffer) -> str:
        return bytes(data).decode()


class _BinaryText(_Text):
    format = Format.BINARY


class _Bytes(Loader):
    def load(self, data: Buffer) -> bytes:
        return bytes(data)


class _BinaryBytes(_Bytes):
    format = Format.BINARY


class _Integer(Loader):
    def load(self, data: Buffer) -> int:
        return int(bytes(data))


class _BinaryInteger(Loader):
    """Loads an integer without a sign."""

    format = Format.BINARY

    def load(self, data: Buffer) -> int:
        return int.from_bytes(data, "big")


class _Position(Loader):
    """Loads the text of a position of the server's log, such as `16/B374D848`, as a number."""

    def load(self, data: Buffer) -> int:
        high, low = bytes(data).split(b"/")
        return (int(high, 16) << 32) + int(low, 16)


def _adapters() -> AdaptersMap:
    made = AdaptersMap(postgres.adapters)
    loaders: dict[int | str, list[type[Loader]]] = {
        "json": [_Text, _BinaryText],
        "jsonb": [_Text, _TextOfJsonb],
        '"char"': [_Bytes, _BinaryBytes],
        _VOID: [_Nothing],
        _XID8: [_Integer, _BinaryInteger],
        _XID: [_Integer, _BinaryInteger],
        _CID: [_Integer, _BinaryInteger],
        _PG_LSN: [_Position, _BinaryInteger],
    }
    for name, classes in loaders.items():
        for each in classes:
            made.register_loader(name, each)
    return made


def _with_infinities() -> AdaptersMap:
    made = AdaptersMap(_Context.adapters)
    for name, each in infinities.LOADERS.items():
        made.register_loader(name, each)
    return made


class _Context:
    """Tells psycopg how to load values. Without a connection, instants are in UTC."""

    connection: ClassVar[None] = None
    adapters: ClassVar[AdaptersMap] = _adapters()


class _InfiniteContext:
    """Loads dates and instants in Python, which is slower, and knows those without an end."""

    connection: ClassVar[None] = None
    adapters: ClassVar[AdaptersMap] = _with_infinities()


_CONTEXT: Any = _Context()
_INFINITE_CONTEXT: Any = _InfiniteContext()


def _binary_oids() -> frozenset[int]:
    known = [postgres.types[name] for name in _BINARY_TYPES]
    arrays = [each.array_oid for each in known if each.array_oid]
    return frozenset([*(each.oid for each in known), *arrays, _XID8, _XID, _CID, _PG_LSN])


_BINARY_OIDS = _binary_oids()
_tuple: Callable[[Iterable[Any]], Any] = tuple


def result_format(description: PGresult) -> int:
    """Returns the format in which the columns of a statement are read: text, if one of them has another type."""
    oids = {description.ftype(column) for column in range(description.nfields)}
    return BINARY if oids <= _BINARY_OIDS else TEXT


class RowReader:
    """Reads the results of one prepared statement on one connection, whose columns do not change."""

    __slots__ = ("_make", "_transformer")

    def __init__(self, result: PGresult) -> None:
        names = [result.fname(column) or b"" for column in range(result.nfields)]
        self._make = row_maker(tuple(name.decode() for name in names))
        self._transformer = Transformer(_CONTEXT)
        self._transformer.set_pgresult(result)

    def rows(self, result: PGresult) -> Rows:
        """Returns the rows of a result as dicts."""
        number = result.ntuples
        if not number:
            return []
        transformer = self._transformer
        transformer.set_pgresult(result, set_loaders=False)
        try:
            rows = transformer.load_rows(0, number, _tuple)
        except DataError:
            rows = _rows_with_infinities(result)
        transformer.set_pgresult(None, set_loaders=False)
        return self._make(rows)


def _rows_with_infinities(result: PGresult) -> list[Any]:
    transformer = Transformer(_INFINITE_CONTEXT)
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, _tuple)
