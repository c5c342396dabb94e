"""Statements in pipelines take and return the same values as asyncpg."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest

from services.resources import Resources
from tests.support.engines import Engine, PostgresEngine

INSTANT = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
COLUMNS = "SELECT DISTINCT udt_name FROM information_schema.columns WHERE table_schema = current_schema()"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"

RESULTS = [
    *(
        "1::int2",
        "'-2147483648'::int4",
        "9223372036854775807::int8",
        "-1::int8",
        "7::oid",
        "'infinity'::date",
        "'-infinity'::date",
        "1.5::float4",
        "1e300::float8",
    ),
    *("'NaN'::float8", "'-Infinity'::float8", "true", "false", "NULL", "NULL::int8", "''", "'é😀'", "'x'::varchar(3)"),
    *("'x'::char(3)", "'n'::name", "'c'::\"char\"", "'\\x00ff'::bytea", "''::bytea", "'2026-02-28'::date"),
    *(
        "'0001-01-02'::date",
        "'infinity'::timestamp",
        "'-infinity'::timestamptz",
        "'9999-12-31'::date",
        "'12:30:00.000001'::time",
        "'12:30+02'::timetz",
    ),
    *("'2026-01-31 12:00:00.123456'::timestamp", "'2026-01-31 12:00:00.123456+02'::timestamptz"),
    *("'1969-12-31 23:59:59.999999+00'::timestamptz", "'0001-01-01 00:00+00'::timestamptz"),
    *("'1 year 2 months 3 days 04:05:06.000007'::interval", "'-1 day -00:00:01'::interval", "'14 months'::interval"),
    *("0::numeric", "1.50::numeric", "'-12345678901234567890.123456789'::numeric", "'1e-20'::numeric"),
    *("'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid", "'{\"a\": [1, null]}'::json", "'{\"a\": [1, null]}'::jsonb"),
    *("ARRAY[1,2]::int8[]", "ARRAY[]::int8[]", "ARRAY[1,NULL]::int4[]", "ARRAY['a','b c',NULL,'\"']::text[]"),
    *("ARRAY[ARRAY[1,2],ARRAY[3,4]]", "ARRAY[now()::timestamptz]::timestamptz[]", "ARRAY[true,NULL]"),
    *("ARRAY['\\x01'::bytea]", "ARRAY['{}'::jsonb]", "ARRAY['6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid]"),
    *("ARRAY[1.5::numeric]", "to_tsvector('simple', 'bread butter')", "to_tsquery('simple', 'bread & butter')"),
    *("'happy'::mood", "pg_sleep(0)", "'users'::regclass", "pg_current_xact_id() IS NULL"),
    *("'5'::xid8", "'16/B374D848'::pg_lsn", "5::small", "'<a/>'::xml", "count(*) FROM users"),
]

PARAMETERS: list[tuple[str, Any]] = [
    *[("int2", value) for value in (0, -1, 32767)],
    *[("int4", value) for value in (2147483647, -2147483648)],
    *[("int8", value) for value in (2**63 - 1, -(2**63), True, 1.5, Decimal("2.9"))],
    *[("text", value) for value in ("", "é😀", "a'b\\c", "x" * 10_000)],
    *[("varchar(5)", "abc"), ("char(3)", "a"), ("name", "n"), ("bool", True), ("bool", False)],
    *[("float8", value) for value in (1.5, -1e300, 7, float("inf"))],
    *[("float4", 0.5), ("bytea", b"\x00\xff"), ("bytea", bytearray(b"a")), ("bytea", memoryview(b"b"))],
    *[("timestamptz", value) for value in (INSTANT, INSTANT.astimezone(timezone(timedelta(hours=5, minutes=30))))],
    *[("timestamptz", datetime(1, 1, 2, tzinfo=UTC)), ("timestamp", INSTANT.replace(tzinfo=None))],
    *[
        ("date", date(2026, 2, 28)),
        ("date", date(1, 1, 1)),
        ("interval", timedelta(days=-3, seconds=7, microseconds=9)),
    ],
    *[("numeric", value) for value in (Decimal("1.50"), Decimal("-1e-10"), 7)],
    *[("uuid", value) for value in (UUID(int=5), "6ba7b810-9dad-11d1-80b4-00c04fd430c8")],
    *[("json", '{"a": 1}'), ("jsonb", '{"a": 1}'), ("mood", "happy"), ("tsvector", "'a':1"), ("tsquery", "'a' & 'b'")],
    *[("int8[]", value) for value in ([], [1, -2, 2**62], [1, None], (1, 2), list(range(1000)))],
    *[("int4[]", [1, None]), ("bool[]", [True, False]), ("uuid[]", [UUID(int=1)]), ("bytea[]", [b"a", b""])],
    *[("text[]", value) for value in ([], ["a", "", None, "b c", '"', "{x,y}", "\\"])],
    *[("timestamptz[]", [INSTANT]), ("date[]", [date(2026, 1, 1)]), ("float8[]", [1.5])],
]

WRONG: list[tuple[str, Any]] = [
    *[("int8", value) for value in ("1", 2**63, b"1", [1])],
    *[("int2", 40_000), ("int4", 2**31), ("text", 1), ("text", b"a"), ("bool", 1), ("bool", "true")],
    *[("bytea", "a"), ("bytea", 5), ("timestamptz", "2026-01-01"), ("date", 5), ("interval", 5), ("uuid", "no")],
    *[("int8[]", 5), ("int8[]", ["a"]), ("int8[]", "ab"), ("text[]", [1]), ("numeric", "many"), ("jsonb", {"a": 1})],
]


def exact(value: Any) -> Any:
    """Returns a value with its type, and instants with their zone. Some values are of subclasses in asyncpg."""
    if isinstance(value, list):
        return list, [exact(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return dict, [(key, exact(each)) for key, each in cast("dict[str, Any]", value).items()]
    if isinstance(value, UUID):
        return UUID, value.hex
    if isinstance(value, datetime | time):
        return type(value), value.isoformat(), type(value.tzinfo), value.utcoffset()
    return type(value), str(value)


@pytest.fixture
async def other(engine: Engine, resources: Resources) -> Any:
    if not isinstance(engine, PostgresEngine):
        pytest.skip("only PostgreSQL has pipelines")
    connection = await asyncpg.connect(resources.settings.database_url)
    await connection.execute("CREATE TYPE mood AS ENUM ('happy', 'sad')")
    await connection.execute("CREATE DOMAIN small AS INT8 CHECK (VALUE < 10)")
    yield connection
    await connection.close()


async def both(resources: Resources, other: Any, sql: str, *values: Any) -> tuple[Any, Any]:
    """Returns the rows of pipelines and those of asyncpg."""
    records = await other.fetch(sql, *values)
    return exact(await resources.database.fetch(sql, *values)), exact([dict(record) for record in records])


async def test_each_type_has_the_same_values(resources: Resources, other: Any) -> None:
    """A second run uses the prepared statement."""
    for expression in [*RESULTS, *RESULTS]:
        found, expected = await both(resources, other, f"SELECT {expression} AS v")
        if "now()" not in expression:
            assert found == expected, expression


async def test_types_without_a_binary_form_may_stand_beside_others(resources: Resources, other: Any) -> None:
    columns = [each for each in RESULTS if not any(part in each for part in ("now()", "FROM", "infinity"))]
    sql = f"SELECT {', '.join(f'{each} AS c{number}' for number, each in enumerate(columns))}"
    found, expected = await both(resources, other, sql)
    assert found == expected


async def test_each_table_has_the_same_rows(resources: Resources, other: Any) -> None:
    tables = [row["tablename"] for row in await other.fetch(TABLES)]
    number = 0
    for table in tables:
        found, expected = await both(resources, other, f'SELECT * FROM "{table}" LIMIT 200')
        assert found == expected, table
        number += len(found[1])
    assert len(tables) > 50
    assert number > 1000


async def test_the_types_of_all_columns_are_compared(resources: Resources) -> None:
    if "postgres" not in resources.settings.database_url:
        pytest.skip("only PostgreSQL has pipelines")
    types = {row["udt_name"] for row in await resources.database.fetch(COLUMNS)}
    assert types == {"bool", "bytea", "date", "int8", "text", "timestamptz", "tsvector", "int4", "varchar"}


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in PARAMETERS}))
async def test_each_type_takes_the_same_values(resources: Resources, other: Any, kind: str) -> None:
    for value in [value for each, value in PARAMETERS if each == kind] + [None]:
        found, expected = await both(resources, other, f"SELECT $1::{kind} AS v, $1::{kind}::text AS t", value)
        assert found == expected, value


async def test_values_of_other_types_are_the_same_errors(resources: Resources, other: Any) -> None:
    for kind, value in WRONG:
        sql = f"SELECT $1::{kind} AS v"
        with pytest.raises(asyncpg.DataError, match=r"query argument \$1") as expected:
            await other.fetch(sql, value)
        with pytest.raises(asyncpg.DataError, match=r"query argument \$1") as found:
            await resources.database.fetch(sql, value)
        assert type(found.value) is type(expected.value), (kind, value)


@pytest.mark.parametrize(
    "sql",
    [
        *("SELECT 1 / 0", "SELECT nothing", "SELEC", "SELECT 1 FROM nowhere", "SELECT 'a'::int", "SELECT 'x'::mood"),
        *("SELECT 11::small", "SELECT set_config('a', 'b', true)", "SELECT 1; SELECT 2", "SELECT nothing()"),
        "INSERT INTO wallets (owner_id, currency) VALUES (NULL, NULL)",
    ],
)
async def test_errors_of_statements_have_the_same_class_and_text(resources: Resources, other: Any, sql: str) -> None:
    with pytest.raises(asyncpg.PostgresError) as expected:
        await other.fetch(sql)
    with pytest.raises(Exception, match=r".") as found:
        await resources.database.fetch(sql)
    error: Any = found.value
    wanted: Any = expected.value
    if isinstance(wanted, asyncpg.IntegrityConstraintViolationError):
        error = error.__cause__
    assert (type(error), str(error), error.sqlstate) == (
        type(wanted),
        str(wanted),
        wanted.sqlstate,
    )


async def test_a_wrong_number_of_values_is_the_same_error(resources: Resources, other: Any) -> None:
    with pytest.raises(asyncpg.InterfaceError, match="the server expects 1 argument"):
        await other.fetch("SELECT $1::int", 1, 2)
    results = await asyncio.gather(resources.database.fetch("SELECT $1::int", 1, 2), return_exceptions=True)
    (error,) = results
    assert isinstance(getattr(error, "__cause__", None), asyncpg.InterfaceError)
