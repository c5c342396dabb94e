"""Migrations, models and engines have the same tables and columns."""

import asyncio
import importlib
import inspect
import pkgutil
import re
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

import pytest
from tortoise.models import Model

import migrations
import models
from services.maintenance.migrations import migrate, pending_migrations
from services.resources import Resources, open_resources
from tests.support.engines import Engine
from tests.support.timing import settings_for

Columns = dict[str, tuple[str, bool]]

NAMES = sorted(module.name for module in pkgutil.iter_modules(migrations.__path__) if module.name[0] != "_")
STATEMENTS = [statement for name in NAMES for statement in importlib.import_module(f"migrations.{name}").STATEMENTS]

SEARCH_TABLES = ("posts_text", "users_text")  # SQLite's full text; PostgreSQL has indexes for it

ENGINE_NAMES = {
    "bigint": "BIGINT",
    "date": "DATE",
    "text": "TEXT",
    "tsvector": "TEXT",  # SQLite has the words as text
    "boolean": "BOOLEAN",
    "bytea": "BYTEA",
    "timestamp with time zone": "TIMESTAMPTZ",
}


@pytest.fixture
async def empty(engine: Engine) -> AsyncGenerator[Resources]:
    async with engine.empty() as url, open_resources(settings_for(url)) as resources:
        yield resources


async def fetch(resources: Resources, sql: str, *values: object) -> list[dict[str, Any]]:
    return await resources.database.fetch(sql, *values)


async def tables_of(resources: Resources) -> set[str]:
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'table'"
        if resources.settings.database_url.startswith("sqlite")
        else "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    names = {row["name"] for row in await fetch(resources, sql)} - {
        "tortoise_migrations",
        "sqlite_sequence",
        "sqlite_stat1",
        "sqlite_stat4",
    }
    return {name for name in names if not name.startswith(SEARCH_TABLES)}


async def columns_of(resources: Resources, table: str) -> Columns:
    """Returns the type in the migration and the nullability of each column."""
    if resources.settings.database_url.startswith("sqlite"):
        rows = await fetch(resources, 'SELECT name, type, "notnull" FROM pragma_table_info($1)', table)
        return {row["name"]: (row["type"], not row["notnull"]) for row in rows}
    rows = await fetch(
        resources,
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_name = $1",
        table,
    )
    return {row["column_name"]: (ENGINE_NAMES[row["data_type"]], row["is_nullable"] == "YES") for row in rows}


async def primary_key_of(resources: Resources, table: str) -> list[str]:
    if resources.settings.database_url.startswith("sqlite"):
        rows = await fetch(resources, "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk", table)
    else:
        rows = await fetch(
            resources,
            "SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
            " AND a.attnum = ANY(i.indkey) WHERE i.indrelid = CAST(CAST($1 AS text) AS regclass) AND i.indisprimary"
            " ORDER BY array_position(i.indkey, a.attnum)",
            table,
        )
    return [row["name"] for row in rows]


def all_models() -> set[type[Model]]:
    return {
        member
        for module in models.MODULES
        for _, member in inspect.getmembers(importlib.import_module(module), inspect.isclass)
        if issubclass(member, Model) and member is not Model
    }


def declared(statement: str) -> tuple[str, Columns] | None:
    """Returns the table and columns of a CREATE TABLE of the migrations."""
    words = " ".join(statement.split())
    if not words.startswith("CREATE TABLE"):
        return None
    name, _, rest = words.removeprefix("CREATE TABLE ").partition(" (")
    parts = [part.split() for part in rest.split(", ") if part.split()[0].islower()]
    return name, {
        part[0]: (part[1].rstrip(")"), [word.rstrip(")") for word in part[2:4]] != ["NOT", "NULL"])
        for part in parts
        if len(part) > 1 and part[1].isupper()
    }


class Added(NamedTuple):
    """Holds a column of an ALTER TABLE of the migrations."""

    table: str
    column: str
    kind: str
    nullable: bool


def added(statement: str) -> Added | None:
    found = re.fullmatch(r"ALTER TABLE (\w+) ADD COLUMN (\w+) ([A-Z]+)( NOT NULL DEFAULT \w+)?", statement)
    return Added(found[1], found[2], found[3], nullable=not found[4]) if found else None


async def test_the_migrations_make_the_same_tables_on_every_engine(resources: Resources) -> None:
    expected = dict(table for statement in STATEMENTS if (table := declared(statement)))
    for table, column, kind, nullable in filter(None, map(added, STATEMENTS)):
        expected[table][column] = (kind, nullable)
    assert await tables_of(resources) == set(expected)
    for table, columns in expected.items():
        assert await columns_of(resources, table) == columns, table


async def test_every_model_has_its_table_and_every_table_its_model(resources: Resources) -> None:
    found = {str(model._meta.db_table): model for model in all_models()}
    assert set(found) == await tables_of(resources)
    for table, model in found.items():
        fields = {name: field.null for name, field in model._meta.fields_map.items()}
        columns = await columns_of(resources, table)
        assert {name: nullable for name, (_, nullable) in columns.items()} == fields, table


async def test_rows_of_an_owner_are_found_by_owner_first(resources: Resources) -> None:
    keys = {table: await primary_key_of(resources, table) for table in await tables_of(resources)}
    assert keys["posts"] == ["author_id", "id"]
    assert keys["likes"] == ["owner_id", "post_id", "user_id"]
    for table, columns in keys.items():
        owner = {"owner_id", "author_id"} & set(await columns_of(resources, table))
        assert not owner or columns[0] in owner, table


async def test_dropping_leaves_no_table_and_migrating_makes_them_anew(resources: Resources) -> None:
    before = await tables_of(resources)
    await resources.database.dialect.drop_tables(resources.database.client)
    assert await tables_of(resources) == set()
    await migrate(resources.database, lambda _name: None)
    assert await tables_of(resources) == before


async def test_migrating_twice_changes_nothing(empty: Resources) -> None:
    names: list[str] = []
    assert await pending_migrations(empty.database) == NAMES
    await migrate(empty.database, names.append)
    await migrate(empty.database, names.append)
    assert names == NAMES
    assert await pending_migrations(empty.database) == []


async def test_processes_that_migrate_at_the_same_time_take_turns(engine: Engine) -> None:
    async with engine.empty() as url:
        names: list[str] = []

        async def process() -> None:
            async with open_resources(settings_for(url)) as resources:
                await migrate(resources.database, names.append)

        await asyncio.gather(*(process() for _ in range(4)))
        assert names == NAMES
