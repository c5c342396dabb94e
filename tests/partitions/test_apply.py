"""`bff partitions apply` on tables that clients write."""

import asyncio
from typing import Any

import asyncpg
import pytest

from adapters.database import SchemaSession
from core.errors import SettingsError
from services.maintenance.migrations import pending_migrations
from services.maintenance.partitions import USAGE_COUNTS
from services.resources import Resources
from tests.support.partitions import apply, counts, narrow_partitions, partitions, publish
from tests.support.relay import drained
from tests.support.timing import no_hang


async def crossed(resources: Resources) -> int:
    """Returns the number of partitions with rows."""
    return sum(rows > 0 for rows in (await counts(resources)).values())


async def test_the_first_partition_has_all_rows_and_later_ones_are_prepared(resources: Resources) -> None:
    await publish(resources, 1)
    before = await resources.database.fetch("SELECT * FROM event_log ORDER BY tx, id")
    lines = await apply(resources, "event_log")
    assert await resources.database.fetch("SELECT * FROM event_log ORDER BY tx, id") == before
    first, second, last = await partitions(resources)
    assert (first.name, first.low, last.high) == ("event_log_first", None, None)
    assert (first.high, second.high) == (second.low, last.low)
    assert list((await counts(resources)).values()) == [len(before), 0, 0]
    assert lines == [
        "event_log is a partition of a new table with its name",
        f"event_log: event_log_first (tx before {first.high})",
        f"event_log: {second.name} (tx from {second.low} and before {second.high})",
        f"event_log: {last.name} (tx from {last.low})",
    ]
    assert await pending_migrations(resources.database) == []


async def test_a_second_call_changes_nothing(resources: Resources) -> None:
    await apply(resources)
    made = [await partitions(resources), await partitions(resources, USAGE_COUNTS)]
    assert [len(each) for each in made] == [3, 3]
    await apply(resources)
    assert [await partitions(resources), await partitions(resources, USAGE_COUNTS)] == made


async def test_writers_lose_nothing_and_the_order_stays(resources: Resources) -> None:
    written, ended = list[int](), asyncio.Event()

    async def write(writer: int) -> None:
        number = writer
        while not ended.is_set():
            await publish(resources, number)
            written.append(number)
            number += 4

    writers = [asyncio.create_task(write(writer)) for writer in range(1, 5)]
    with narrow_partitions(400):
        await apply(resources, "event_log")
    async with no_hang():
        while (await crossed(resources)) < 3:  # noqa: ASYNC110 - a database is watched
            await asyncio.sleep(0.05)
    ended.set()
    await asyncio.gather(*writers)
    found = await resources.database.fetch(
        "SELECT data, id, tx FROM event_log WHERE type = 'PostPublished' AND actor_id = 1 ORDER BY tx, id"
    )
    posts = [int(row["data"].removeprefix('{"post_id":').removesuffix("}")) for row in found][-len(written) :]
    assert sorted(posts) == sorted(written)
    for writer in range(4):
        of_writer = [post for post in posts if post % 4 == writer]
        assert of_writer == sorted(of_writer)
    await drained(resources)
    assert not await drained(resources)


async def test_no_rows_are_read_while_clients_wait(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL says that it skips the scan of a partition, because a constraint implies its range."""
    await publish(resources, 1)
    messages, begin = list[str](), SchemaSession.__init__

    def listen(self: SchemaSession, connection: Any, *arguments: Any, **more: Any) -> None:
        def keep(_connection: object, message: Any) -> None:
            messages.append(message.message)

        connection.add_log_listener(keep)
        begin(self, connection, *arguments, **more)

    monkeypatch.setattr(SchemaSession, "__init__", listen)
    connect = asyncpg.connect

    async def talkative(*arguments: Any, server_settings: dict[str, str], **more: Any) -> Any:
        settings = {**server_settings, "client_min_messages": "debug1"}
        return await connect(*arguments, server_settings=settings, **more)

    monkeypatch.setattr(asyncpg, "connect", talkative)
    await apply(resources, "event_log")
    implied = [message for message in messages if "is implied by existing constraints" in message]
    assert [message.split('"')[1] for message in implied] == ["event_log_first", "event_log_first"]


async def test_a_table_in_use_is_tried_again_and_then_left_as_it_is(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.database.postgres.PAUSES", (0.01,))
    async with resources.database.transaction() as held:
        await held.fetch("SELECT id FROM event_log LIMIT 1")
        with pytest.raises(SettingsError, match="event_log is in use for too long"):
            await apply(resources, "event_log")
    assert await partitions(resources) == []
    await apply(resources, "event_log")
    assert len(await partitions(resources)) == 3


async def test_only_one_process_changes_tables(resources: Resources) -> None:
    async with resources.database.dialect.migration_lock():
        with pytest.raises(SettingsError, match="another process migrates or partitions"):
            await apply(resources)


@pytest.mark.parametrize(
    ("made", "obstacle"),
    [
        ("CREATE VIEW posted AS SELECT id FROM event_log", "the view posted"),
        ("CREATE UNIQUE INDEX once ON event_log (id)", "the unique index once does not contain tx"),
        ("GRANT SELECT (id) ON event_log TO pg_monitor", "the privileges on the column id"),
        ("CREATE PUBLICATION changes FOR TABLE event_log", "the publication changes"),
    ],
)
async def test_a_table_on_which_others_depend_is_not_converted(resources: Resources, made: str, obstacle: str) -> None:
    await resources.database.fetch(made)
    with pytest.raises(SettingsError, match=f"event_log cannot have partitions: {obstacle}$"):
        await apply(resources, "event_log")
    assert await partitions(resources) == []


async def test_streams_and_other_tables_are_not_converted(resources: Resources) -> None:
    with pytest.raises(SettingsError, match=r"stream_entries cannot have partitions: its key .* has no time"):
        await apply(resources, "stream_entries")
    with pytest.raises(SettingsError, match="posts is no candidate for partitions"):
        await apply(resources, "posts")


async def test_grants_and_names_of_indexes_stay(resources: Resources) -> None:
    fetch = resources.database.fetch
    await fetch("GRANT SELECT ON event_log TO pg_monitor WITH GRANT OPTION")
    await apply(resources, "event_log")
    grants = (
        "SELECT privilege_type, is_grantable FROM information_schema.role_table_grants WHERE grantee = 'pg_monitor' "
    )
    assert await fetch(f"{grants} AND table_name = 'event_log'") == [
        {"privilege_type": "SELECT", "is_grantable": "YES"}
    ]
    indexes = await fetch("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'event_log'")
    assert [row["indexname"] for row in indexes] == ["event_log_pkey"]
