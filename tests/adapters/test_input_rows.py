"""Statements that read many rows from a table `input_rows`."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.resources import Resources

COLUMNS = {"number": "bigint", "word": "text", "told_at": "timestamptz"}
ALL = "SELECT number, word, told_at FROM input_rows"
INSTANT = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
WORDS = [
    "", " ", "'", '"', "it's", '"quoted"', "\\", "\\n", "\n", "\r\n", "\t", "\x01", "\x7f", "\u2028", "NULL", "null",
    "{}", "{a,b}", "[1]", "$1", "?1", "%s", "; DROP TABLE users; --", "é", "e\u0301", "🚲", "👩\u200d👧", "\u202e", "1",
    "1.0", "true", "x" * 10_000,
]  # fmt: skip


def as_rows(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


async def test_rows_come_as_they_were_given_and_in_their_order(resources: Resources) -> None:
    rows = [
        (2, "two", INSTANT),
        (-(2**63), "least", datetime(1970, 1, 1, tzinfo=UTC)),
        (2**63 - 1, "most", datetime(2093, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        (0, "zero", INSTANT),
        (2, "two", INSTANT),
    ]
    assert as_rows(await resources.database.fetch_with_rows(ALL, COLUMNS, rows)) == rows
    async with resources.database.transaction() as transaction:
        assert as_rows(await transaction.fetch_with_rows(ALL, COLUMNS, rows)) == rows


async def test_what_is_null_stays_null(resources: Resources) -> None:
    rows = [(None, None, None), (1, None, INSTANT), (None, "word", None)]
    result = as_rows(await resources.database.fetch_with_rows(ALL, COLUMNS, rows))
    assert result == rows


async def test_an_instant_of_any_time_zone_comes_back_in_utc(resources: Resources) -> None:
    there = INSTANT.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    (row,) = await resources.database.fetch_with_rows(ALL, COLUMNS, [(1, "word", there)])
    assert (row["told_at"], row["told_at"].utcoffset()) == (INSTANT, timedelta(0))


async def test_a_word_is_nothing_but_a_word(resources: Resources) -> None:
    rows = [(number, word) for number, word in enumerate(WORDS)]
    columns = {"number": "bigint", "word": "text"}
    assert as_rows(await resources.database.fetch_with_rows("SELECT * FROM input_rows", columns, rows)) == rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20), max_size=10))
@example(words=['"],["', "\\", "\x1f"])
async def test_any_text_comes_back_as_it_was(resources: Resources, words: list[str]) -> None:
    rows = [(word,) for word in words]
    assert as_rows(await resources.database.fetch_with_rows("SELECT * FROM input_rows", {"word": "text"}, rows)) == rows


async def test_without_rows_no_statement_runs(resources: Resources, statements: list[str]) -> None:
    assert await resources.database.fetch_with_rows("SELECT nothing FROM nowhere", COLUMNS, [], 1) == []
    assert statements == []


@pytest.mark.parametrize("count", [1, 5000])
async def test_any_number_of_rows_is_one_statement(resources: Resources, statements: list[str], count: int) -> None:
    rows = [(count - number, f"word {number}", INSTANT + timedelta(seconds=number)) for number in range(count)]
    assert as_rows(await resources.database.fetch_with_rows(ALL, COLUMNS, rows)) == rows
    assert len(statements) == 1


async def test_values_stand_beside_rows(resources: Resources) -> None:
    sql = "SELECT number, word FROM input_rows WHERE number > $1 AND word <> $2 AND number = ANY($3)"
    columns = {"number": "bigint", "word": "text"}
    rows = [(1, "a"), (2, "b"), (3, "c"), (4, "d")]
    result = await resources.database.fetch_with_rows(sql, columns, rows, 1, "c", [1, 2, 3])
    assert as_rows(result) == [(2, "b")]


async def test_rows_are_written_into_a_table_and_those_that_are_there_are_passed_over(resources: Resources) -> None:
    columns = {"owner_id": "bigint", "followee_id": "bigint", "id": "bigint", "created_at": "timestamptz"}
    sql = (
        "INSERT INTO follows (owner_id, followee_id, id, created_at) SELECT owner_id, followee_id, id, created_at "
        "FROM input_rows WHERE true ON CONFLICT DO NOTHING RETURNING followee_id"
    )
    rows = [(1, followee, followee, INSTANT) for followee in range(2, 6)]
    first = await resources.database.fetch_with_rows(sql, columns, rows[:2])
    second = await resources.database.fetch_with_rows(sql, columns, rows)
    assert (as_rows(first), as_rows(second)) == ([(2,), (3,)], [(4,), (5,)])
    query = "SELECT owner_id, followee_id, id, created_at FROM follows WHERE owner_id = 1 ORDER BY id"
    assert as_rows(await resources.database.fetch(query)) == rows


async def test_rows_that_are_found_by_those_given_are_deleted(resources: Resources) -> None:
    fetch = resources.database.fetch
    before = await fetch("SELECT owner_id, followee_id FROM follows ORDER BY owner_id, followee_id")
    deleted = before[::3]
    sql = (
        "DELETE FROM follows WHERE (owner_id, followee_id) IN (SELECT owner_id, followee_id FROM input_rows) "
        "RETURNING owner_id, followee_id"
    )
    columns = {"owner_id": "bigint", "followee_id": "bigint"}
    result = await resources.database.fetch_with_rows(sql, columns, as_rows(deleted))
    assert sorted(as_rows(result)) == as_rows(deleted)
    after = await fetch("SELECT owner_id, followee_id FROM follows ORDER BY owner_id, followee_id")
    assert after == [row for row in before if row not in deleted]
