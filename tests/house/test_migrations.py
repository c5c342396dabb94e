"""Migrations are compatible with the code of the release before, unless they declare that they contract."""

import importlib
import re

import pytest

from migrations._engine_sql import BuildIndex, EngineSQL
from services.maintenance.migrations import _known, is_contract

LAST_BEFORE = "m0033"
"""Migrations up to this one belong to the first release, so no earlier code runs beside them."""

BREAKING = [
    (r"\bDROP (TABLE|COLUMN|CONSTRAINT|TRIGGER|FUNCTION)\b", "drops what earlier code may use"),
    (r"ALTER TABLE .*\bDROP (?!(COLUMN|CONSTRAINT|NOT NULL|DEFAULT)\b)", "drops a column that earlier code may use"),
    (r"\bRENAME\b", "renames what earlier code uses"),
    (r"\bALTER COLUMN\b|\bSET NOT NULL\b|\bTRUNCATE\b", "restricts rows that earlier code writes"),
    (r"\bADD (CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b", "restricts rows that earlier code writes"),
    (r"\bADD (COLUMN )?(?!.*\bDEFAULT\b).*\bNOT NULL\b", "adds a column that earlier code does not write"),
    (r"\bDELETE FROM\b", "deletes rows that earlier code may read"),
]
NEXT_CLAUSE = re.compile(r",\s*(?=(?:ADD|ALTER|DROP)\b)", re.IGNORECASE)
CREATED = re.compile(r"\bCREATE (?:UNIQUE )?(?:TABLE|INDEX) (?:CONCURRENTLY )?(?:IF NOT EXISTS )?(\w+)", re.IGNORECASE)
DROPPED_INDEX = re.compile(r"\bDROP INDEX (?:CONCURRENTLY )?(?:IF EXISTS )?(\w+)", re.IGNORECASE)
UNIQUE_ON = re.compile(
    r"\bCREATE UNIQUE INDEX (?:CONCURRENTLY )?(?:IF NOT EXISTS )?\w+ ON (?:ONLY )?(\w+)", re.IGNORECASE
)
TRIGGER_ON = re.compile(r"\bCREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER .*? ON (\w+)", re.IGNORECASE)


def breaking(statements: list[str]) -> list[str]:
    """Returns why the code of the release before may fail after some statements of one migration."""
    text = [" ".join(statement.split()) for statement in statements]
    created = {name.lower() for sql in text for name in CREATED.findall(sql)}
    found = [
        f"{why}: {sql}"
        for sql in text
        for clause in NEXT_CLAUSE.split(sql)
        for pattern, why in BREAKING
        if re.search(pattern, clause, re.IGNORECASE)
    ]
    for pattern, why in (
        (DROPPED_INDEX, "drops an index, which may be unique and what earlier code needs"),
        (UNIQUE_ON, "rejects rows that earlier code writes"),
        (TRIGGER_ON, "rejects rows that earlier code writes"),
    ):
        found += [f"{why}: {sql}" for sql in text for name in pattern.findall(sql) if name.lower() not in created]
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
        "ALTER TABLE users ADD UNIQUE (name)",
        "ALTER TABLE users ADD CHECK (length(name) < 9)",
        "ALTER TABLE users ADD PRIMARY KEY (name)",
        "ALTER TABLE users ADD FOREIGN KEY (name) REFERENCES names (name)",
        "ALTER TABLE users ADD EXCLUDE USING gist (name WITH =)",
        "ALTER TABLE users ADD COLUMN a TEXT NOT NULL, ADD COLUMN b BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE users ADD mood TEXT NOT NULL",
        "ALTER TABLE users DROP name",
        "DROP TRIGGER users_search ON users",
        "DROP FUNCTION users_search()",
        "DROP INDEX CONCURRENTLY IF EXISTS users_by_name",
        "create unique index users_by_name on users (name)",
        "create trigger users_search before insert on users execute function users_search()",
        "alter table users drop column name",
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
        "ALTER TABLE users ADD COLUMN a TEXT, ADD COLUMN b BIGINT NOT NULL DEFAULT 0",
        "CREATE INDEX CONCURRENTLY users_by_name ON users (name)",
        "UPDATE users SET mood = 0",
    ],
)
def test_statements_that_expand_are_permitted(statement: str) -> None:
    assert breaking([statement]) == []


def test_an_index_that_the_migration_itself_builds_may_be_dropped_before() -> None:
    index = ["DROP INDEX CONCURRENTLY IF EXISTS users_by_name", "CREATE INDEX CONCURRENTLY users_by_name ON users (id)"]
    assert breaking(index) == []


def test_a_table_of_the_migration_itself_may_have_unique_indexes() -> None:
    assert breaking(["CREATE TABLE moods (id BIGINT)", "CREATE UNIQUE INDEX moods_once ON moods (id)"]) == []
