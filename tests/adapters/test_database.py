import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.database import DialectSQL
from core.errors import SettingsError, Unavailable
from core.settings import Settings
from services.resources import Resources, open_resources
from tests.support.engines import Engine
from tests.support.timing import PASSING, no_hang, settings_for

passing = pytest.mark.parametrize("deadline", [PASSING])
INSTANT = datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC)
INSERT = "INSERT INTO follows (owner_id, followee_id, id, created_at) VALUES ($1, $2, $2, $3)"


async def followees(resources: Resources) -> list[int]:
    rows = await resources.database.fetch("SELECT followee_id FROM follows WHERE owner_id = 1 ORDER BY followee_id")
    return [row["followee_id"] for row in rows]


async def test_every_engine_takes_the_same_statement_and_gives_the_same_row(resources: Resources) -> None:
    await resources.database.fetch(INSERT, 1, 2**63 - 1, INSTANT)
    sql = (
        "SELECT owner_id, followee_id, created_at, NULL AS nothing_at FROM follows "
        "WHERE owner_id = ANY($2) AND owner_id < $1"
    )
    assert await resources.database.fetch(sql, 5, [1, 2]) == [
        {"owner_id": 1, "followee_id": 2**63 - 1, "created_at": INSTANT, "nothing_at": None}
    ]
    assert await resources.database.fetch(sql, 5, []) == []


async def test_columns_of_another_row_are_a_dict_in_the_row_or_nothing(resources: Resources) -> None:
    sql = (
        "SELECT 'Post' AS __typename, 1 AS id, 2 AS author__id, 'Ada' AS author__name, NULL AS actor__id, "
        "NULL AS actor__name, 3 AS last"
    )
    expected = {"__typename": "Post", "id": 1, "author": {"id": 2, "name": "Ada"}, "actor": None, "last": 3}
    assert await resources.database.fetch(sql) == [expected]
    async with resources.database.transaction() as transaction:
        assert await transaction.fetch(sql) == [expected]


async def test_a_statement_in_two_dialects_runs_the_text_of_the_engine(resources: Resources, engine: Engine) -> None:
    statement = DialectSQL(postgres="SELECT 'postgres' AS engine", sqlite="SELECT 'sqlite' AS engine")
    assert await resources.database.fetch(statement) == [{"engine": engine.name}]


async def test_a_transaction_that_raises_leaves_nothing(resources: Resources) -> None:
    with pytest.raises(LookupError):
        async with resources.database.transaction() as transaction:
            await transaction.fetch(INSERT, 1, 2, INSTANT)
            raise LookupError
    assert await followees(resources) == []


async def test_a_transaction_that_is_cancelled_leaves_nothing(resources: Resources) -> None:
    written = asyncio.Event()

    async def work() -> None:
        async with resources.database.transaction() as transaction:
            await transaction.fetch(INSERT, 1, 2, INSTANT)
            written.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    async with no_hang():
        await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await followees(resources) == []


async def test_transactions_at_the_same_time_keep_apart(resources: Resources) -> None:
    async def work(followee: int) -> None:
        async with resources.database.transaction() as transaction:
            await transaction.fetch(INSERT, 1, followee, INSTANT)
            await asyncio.sleep(0)
            if followee % 2:
                raise LookupError

    await asyncio.gather(*(work(number) for number in range(2, 30)), return_exceptions=True)
    assert await followees(resources) == list(range(2, 30, 2))


@passing
async def test_a_stalled_engine_is_unavailable_when_the_deadline_passes(resources: Resources, engine: Engine) -> None:
    async with engine.stalled(resources):
        with pytest.raises(Unavailable):
            await resources.database.fetch("SELECT post_id FROM feed_entries LIMIT 1")
    assert await resources.database.fetch("SELECT post_id FROM feed_entries LIMIT 1")


@passing
async def test_a_transaction_that_cannot_begin_in_time_leaves_the_next_one_to_begin(resources: Resources) -> None:
    async with AsyncExitStack() as held:
        with pytest.raises(Unavailable):
            # SQLite serializes transactions, so the second one waits. PostgreSQL has as many as its pool.
            for _ in range(resources.settings.database_pool + 1):
                await held.enter_async_context(resources.database.transaction())
    async with resources.database.transaction() as transaction:
        await transaction.fetch(INSERT, 1, 3, INSTANT)
    assert await followees(resources) == [3]


async def test_a_transaction_that_is_cancelled_while_it_begins_leaves_the_next_one_to_begin(
    resources: Resources,
) -> None:
    for _ in range(30):
        beginning = asyncio.create_task(_begin_and_wait(resources))
        await asyncio.sleep(0)
        beginning.cancel()
        with pytest.raises(asyncio.CancelledError):
            await beginning
    async with resources.database.transaction() as transaction:
        await transaction.fetch(INSERT, 1, 2, INSTANT)
    assert await followees(resources) == [2]


async def _begin_and_wait(resources: Resources) -> None:
    async with resources.database.transaction():
        await asyncio.sleep(60)


@passing
async def test_a_slow_statement_that_is_given_up_leaves_the_engine_to_others(resources: Resources) -> None:
    slow = DialectSQL(
        postgres="SELECT pg_sleep(60)",
        sqlite="WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4e7) SELECT MAX(i) FROM n",
    )
    with pytest.raises(Unavailable):
        await resources.database.fetch(slow)
    async with no_hang():
        while True:
            with suppress(Unavailable):
                async with resources.database.transaction() as transaction:
                    await transaction.fetch(INSERT, 1, 2, INSTANT)
                break
    assert await followees(resources) == [2]


@pytest.mark.parametrize(
    "url",
    [
        "postgres://postgres@127.0.0.1:1/nowhere",
        "postgres://127.0.0.1:port/nowhere",
        "mongodb://127.0.0.1/nowhere",
        "nonsense",
        "sqlite:///proc/nowhere/bff.sqlite3",
        "sqlite:///etc/passwd",
        "sqlite:///etc",
    ],
)
async def test_a_database_that_cannot_be_opened_is_one_line_that_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^BFF_DATABASE_URL: [^\n]+$"):
        async with open_resources(Settings(database_url=url, database_deadline=1)):
            pass


async def test_processes_that_make_the_same_sqlite_file_at_once_all_open_it(tmp_path: Path) -> None:
    async def opened(url: str) -> list[dict[str, str]]:
        async with open_resources(settings_for(url)) as resources:
            return await resources.database.fetch("PRAGMA journal_mode")

    for number in range(10):
        url = f"sqlite://{tmp_path}/{number}.sqlite"
        assert await asyncio.gather(*[opened(url) for _ in range(8)]) == [[{"journal_mode": "wal"}]] * 8
