"""Migrations are compatible with the code of the release before, unless they declare that they contract."""

import importlib
import re

import pytest

from migrations._engine_sql import BuildIndex, EngineSQL
from services.maintenance.migrations import _known, is_contract

LAST_BEFORE = "m0033"
"""Migrations up to this one belong to the first release, so no earlier code runs beside them."""

BREAKING = [
    (r"DROP (TABLE|COLUMN|CONSTRAINT)", "drops what earlier code may use"),
    (r"\bRENAME\b", "renames what earlier code uses"),
    (r"ALTER COLUMN|SET NOT NULL|ADD CONSTRAINT|\bTRUNCATE\b", "restricts rows that earlier code writes"),
    (r"ADD COLUMN (?!.*\bDEFAULT\b).*NOT NULL", "adds a column that earlier code does not write, without a default"),
    (r"DELETE FROM", "deletes rows that earlier code may read"),
]


def breaking(statements: list[str]) -> list[str]:
    """Returns why the code of the release before may fail after some statements of one migration."""
    text = [" ".join(statement.split()) for statement in statements]
    created = {name for sql in text for name in re.findall(r"CREATE TABLE (\w+)", sql)}
    found = [f"{why}: {sql}" for sql in text for pattern, why in BREAKING if re.search(pattern, sql, re.IGNORECASE)]
    for sql in text:
        unique = re.search(r"CREATE UNIQUE INDEX (?:CONCURRENTLY )?(?:IF NOT EXISTS )?\w+ ON (\w+)", sql)
        trigger = re.search(r"CREATE (?:CONSTRAINT )?TRIGGER .*? ON (\w+)", sql)
        found += [
            f"rejects rows that earlier code writes: {sql}" for on in (unique, trigger) if on and on[1] not in created
        ]
    return found


def statements_of(name: str) -> list[str]:
    """Returns the statements of a migration for both databases."""
    found: list[str] = []
    for operation in importlib.import_module(f"migrations.{name}").Migration.operations:
        if isinstance(operation, EngineSQL | BuildIndex):
            found += [sql for statements in operation._by_dialect.values() for sql in statements]
        else:
            found += [operation.sql] if isinstance(operation.sql, str) else list(operation.sql)
    return found


def test_migrations_that_expand_suit_the_code_of_the_release_before() -> None:
    expanding = [name for name in sorted(_known()) if name > f"{LAST_BEFORE}~" and not is_contract(name)]
    assert [(name, why) for name in expanding for why in breaking(statements_of(name))] == []


def test_no_migration_that_expands_depends_on_one_that_contracts() -> None:
    for name in _known():
        before = [key[1] for key in importlib.import_module(f"migrations.{name}").Migration.dependencies]
        assert is_contract(name) or not any(is_contract(each) for each in before), name


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE users",
        "ALTER TABLE users DROP COLUMN name",
        "ALTER TABLE users RENAME COLUMN name TO label",
        "ALTER TABLE users ALTER COLUMN name SET NOT NULL",
        "ALTER TABLE users ADD COLUMN mood TEXT NOT NULL",
        "ALTER TABLE users ADD CONSTRAINT short CHECK (length(name) < 9)",
        "CREATE UNIQUE INDEX CONCURRENTLY users_by_name ON users (name)",
        "DELETE FROM users WHERE name = ''",
    ],
)
def test_statements_that_break_earlier_code_are_found(statement: str) -> None:
    assert len(breaking([statement])) >= 1


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE moods (owner_id BIGINT NOT NULL PRIMARY KEY)",
        "ALTER TABLE users ADD COLUMN mood TEXT",
        "ALTER TABLE users ADD COLUMN mood BIGINT NOT NULL DEFAULT 0",
        "CREATE INDEX CONCURRENTLY users_by_name ON users (name)",
        "DROP INDEX CONCURRENTLY IF EXISTS users_by_name",
        "UPDATE users SET mood = 0",
    ],
)
def test_statements_that_expand_are_permitted(statement: str) -> None:
    assert breaking([statement]) == []


def test_a_table_of_the_migration_itself_may_have_unique_indexes() -> None:
    assert breaking(["CREATE TABLE moods (id BIGINT)", "CREATE UNIQUE INDEX moods_once ON moods (id)"]) == []
