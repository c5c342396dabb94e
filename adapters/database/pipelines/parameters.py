"""Encodes values by the types that the server has inferred for parameters, as asyncpg does."""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, cast
from uuid import UUID

import asyncpg
from psycopg import postgres

Encode = Callable[[Any], bytes]
TEXT, BINARY = 0, 1

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(2000, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_ARRAY, _EMPTY_ARRAY = struct.Struct("!iiIii"), struct.Struct("!iiI")
_NULL = struct.pack("!i", -1)
_FIRST_INDEX = 1


class ParameterEncoder(NamedTuple):
    """Encodes the values of one type. `format` is that of the protocol: 0 is text, 1 is binary."""

    format: int
    encode: Encode


def encoder_of(oid: int) -> ParameterEncoder:
    """Returns the encoder of a type. Types that are not known here take text, such as enums."""
    found = _ENCODERS.get(oid)
    if found is not None:
        return found
    known = postgres.types.get(oid)
    element = _ENCODERS.get(known.oid) if known is not None and known.array_oid == oid else None
    if known is None or element is None or element.format == TEXT:
        return _TEXT
    made = ParameterEncoder(BINARY, _array_of(known.oid, element.encode))
    _ENCODERS[oid] = made
    return made


def encode_values(encoders: Sequence[Encode], values: Sequence[Any]) -> list[bytes | None]:
    """Encodes the values of a statement. Raises asyncpg's `DataError` for a value that its type does not permit."""
    if len(values) != len(encoders):
        raise asyncpg.InterfaceError(
            f"the server expects {len(encoders)} arguments for this query, {len(values)} were passed"
        )
    made: list[bytes | None] = []
    try:
        for encode, value in zip(encoders, values, strict=True):
            made.append(None if value is None else encode(value))
    except (TypeError, ValueError, AttributeError, ArithmeticError, struct.error) as error:
        raise asyncpg.DataError(f"invalid input for query argument ${len(made) + 1} ({error})") from error
    return made


def _packed(code: str) -> Callable[..., bytes]:
    return struct.Struct(f"!{code}").pack


def _whole(code: str) -> Encode:
    pack = _packed(code)

    def integer(value: Any) -> bytes:
        return pack(value if type(value) is int else int(_number(value)))

    return integer


def _number(value: Any) -> Any:
    """Returns a value that is a number. asyncpg, too, cuts off its fraction."""
    if hasattr(value, "__int__"):
        return value
    raise TypeError(f"expected int, got {type(value).__name__}")


def _bool(value: Any) -> bytes:
    if value is True:
        return b"\x01"
    if value is False:
        return b"\x00"
    raise TypeError(f"expected bool, got {type(value).__name__}")


def _text(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    raise TypeError(f"expected str, got {type(value).__name__}")


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(cast("bytearray", value))
    raise TypeError(f"expected bytes, got {type(value).__name__}")


def _timestamptz(value: Any) -> bytes:
    if value in _ENDS:
        return _ENDS[value]
    if not isinstance(value, datetime):
        value = _midnight(value)
    return _BIGINT((value.astimezone(UTC) - _EPOCH) // _MICROSECOND)


def _timestamp(value: Any) -> bytes:
    if value in _ENDS:
        return _ENDS[value]
    if not isinstance(value, datetime):
        value = _midnight(value)
    elif value.tzinfo is not None:
        value = value.astimezone(UTC)
    return _BIGINT((value.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _date(value: Any) -> bytes:
    return _LAST_DAYS.get(value) or _INTEGER(value.toordinal() - _EPOCH_DAY)


def _interval(value: Any) -> bytes:
    return _SPAN(value.seconds * 1_000_000 + value.microseconds, value.days, 0)


def _uuid(value: Any) -> bytes:
    return value.bytes if isinstance(value, UUID) else UUID(value).bytes


def _numeric(value: Any) -> bytes:
    return str(Decimal(value)).encode()


def _array_of(oid: int, encode: Encode) -> Encode:
    def array(given: Any) -> bytes:
        value = _items(given)
        if not value:
            return _EMPTY_ARRAY.pack(0, 0, oid)
        parts = [b"", *(_NULL if each is None else _sized(encode(each)) for each in value)]
        parts[0] = _ARRAY.pack(1, int(_NULL in parts), oid, len(value), _FIRST_INDEX)
        return b"".join(parts)

    return array


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, list | tuple):
        return cast("Sequence[Any]", value)
    raise TypeError(f"expected list, got {type(value).__name__}")


def _sized(data: bytes) -> bytes:
    return _INTEGER(len(data)) + data


def _bigints(given: Any) -> bytes:
    """Encodes an array of `bigint`: the keys of most loaders."""
    value = _items(given)
    if not value or not all(type(each) is int for each in value):
        return _any_bigints(value)
    sized = [part for each in value for part in (8, each)]
    return struct.pack(f"!iiIii{'iq' * len(value)}", 1, 0, _OIDS["int8"], len(value), _FIRST_INDEX, *sized)


_BIGINT, _INTEGER, _SPAN = _packed("q"), _packed("i"), _packed("qii")
_TEXT = ParameterEncoder(TEXT, _text)
_ENDS = {datetime.max: _BIGINT(2**63 - 1), datetime.min: _BIGINT(-(2**63))}  # noqa: DTZ901 - as asyncpg
_LAST_DAYS = {date.max: _INTEGER(2**31 - 1), date.min: _INTEGER(-(2**31))}
_OIDS = {each.name: each.oid for each in postgres.types}
_any_bigints = _array_of(_OIDS["int8"], _whole("q"))
_BINARY: dict[str, Encode] = {
    "bool": _bool,
    "int2": _whole("h"),
    "int4": _whole("i"),
    "int8": _whole("q"),
    "oid": _whole("I"),
    "float4": _packed("f"),
    "float8": _packed("d"),
    **dict.fromkeys(("text", "varchar", "bpchar", "name"), _text),
    "bytea": _bytes,
    "timestamptz": _timestamptz,
    "timestamp": _timestamp,
    "date": _date,
    "interval": _interval,
    "uuid": _uuid,
}
_ENCODERS: dict[int, ParameterEncoder] = {
    **{_OIDS[name]: ParameterEncoder(BINARY, encode) for name, encode in _BINARY.items()},
    _OIDS["numeric"]: ParameterEncoder(TEXT, _numeric),
    postgres.types["int8"].array_oid: ParameterEncoder(BINARY, _bigints),
}
