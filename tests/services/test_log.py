import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import ProblemCode, ProblemError
from events import Event, PostLiked, PostPublished, UserFollowed, read_event
from models.users import FollowModel
from services.event_log.log import START, EventLog, LogEntry, partition_of, read_log
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.engines import Engine
from tests.support.timing import MOMENT, no_hang

INSTANT = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def logged(resources: Resources, count: int, owner: int = 1) -> list[LogEntry]:
    """Waits for `count` events about a user and returns them. Other tests' transactions delay PostgreSQL's readers."""
    for _ in range(12_000):
        found = await read_log(resources.database, partition_of(owner), START, 1000)
        if len(found) >= count:
            return found
        await asyncio.sleep(0.01)
    raise TimeoutError


def events(entries: list[LogEntry]) -> list[Event]:
    return [read_event(entry.logged) for entry in entries]


async def rows(resources: Resources) -> int:
    return len(await resources.database.fetch("SELECT id FROM event_log"))


async def test_what_was_emitted_is_in_the_log_in_its_order(resources: Resources) -> None:
    resources = replace(resources, log=EventLog(lambda: INSTANT, resources.ids))
    emitted = [UserFollowed(actor_id=1, followee_id=2), PostLiked(actor_id=1, author_id=2, post_id=3)]
    async with unit_of_work(resources) as work:
        for event in emitted:
            work.emit(event)
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=2, post_id=4))
    found = await logged(resources, 3, owner=2)
    assert events(found) == [*emitted, PostPublished(actor_id=2, post_id=4)]
    assert {entry.occurred_at for entry in found} == {INSTANT}
    assert await read_log(resources.database, partition_of(2), found[0].position, 1) == found[1:2]
    assert await read_log(resources.database, partition_of(2), found[2].position, 1000) == []


async def test_events_of_one_transaction_stand_together(resources: Resources) -> None:
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=1, post_id=2))
        work.emit(PostPublished(actor_id=1, post_id=3))
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=1, post_id=4))
    first, second, third = [entry.position.tx for entry in await logged(resources, 3)]
    assert first == second < third


async def test_a_refusal_leaves_no_event(resources: Resources) -> None:
    with pytest.raises(ProblemError):
        async with unit_of_work(resources) as work:
            work.emit(PostPublished(actor_id=1, post_id=2))
            raise ProblemError("InvalidInputProblem", ProblemCode.INVALID_INPUT, "No.")
    assert await rows(resources) == 0


async def test_what_cannot_be_kept_leaves_no_event_and_an_event_that_cannot_leaves_nothing(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise OSError("no space left")

    append = EventLog.append

    async def append_then_fail(*arguments: Any) -> None:
        await append(*arguments)
        await full()

    for failing in (full, append_then_fail):
        monkeypatch.setattr(EventLog, "append", failing)
        with pytest.raises(Exception, match="database does not answer"):
            async with unit_of_work(resources) as work:
                client = (await work.transaction()).client
                await FollowModel.create(using_db=client, owner_id=1, followee_id=2, id=3, created_at=INSTANT)
                work.emit(UserFollowed(actor_id=1, followee_id=2))
    assert await resources.database.fetch("SELECT 1 AS one FROM follows WHERE owner_id = 1") == []
    assert await rows(resources) == 0


async def test_the_log_takes_one_statement_for_all_events(resources: Resources, statements: list[str]) -> None:
    async with unit_of_work(resources) as work:
        await work.transaction()
        statements.clear()
        work.emit(PostPublished(actor_id=1, post_id=2))
        work.emit(PostPublished(actor_id=1, post_id=3))
    assert ["event_log" in statement for statement in statements] == [True]


async def test_an_event_that_is_committed_late_is_not_skipped(resources: Resources, engine: Engine) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def commit_late() -> None:
        async with resources.database.transaction() as transaction:
            await resources.log.append(transaction, [PostPublished(actor_id=1, post_id=1)])
            begun.set()
            await finish.wait()

    async def commit_at_once() -> None:
        async with unit_of_work(resources) as work:
            work.emit(PostPublished(actor_id=1, post_id=2))

    late = asyncio.create_task(commit_late())
    await begun.wait()
    second = asyncio.create_task(commit_at_once())
    if engine.name == "postgres":
        async with no_hang():
            await asyncio.wait({second})
    else:
        assert not (await asyncio.wait({second}, timeout=MOMENT))[0], "SQLite's transactions take turns"
    if second.done():
        assert (await rows(resources), await read_log(resources.database, partition_of(1), START, 10)) == (1, [])
    finish.set()
    await asyncio.gather(late, second)
    assert events(await logged(resources, 2)) == [PostPublished(actor_id=1, post_id=number) for number in (1, 2)]


class UndoneError(Exception):
    """Raised to roll back a transaction."""


def undo_every_seventh(number: int) -> None:
    if number % 7 == 0:
        raise UndoneError


async def test_a_reader_beside_many_writers_sees_each_kept_event_once(resources: Resources) -> None:
    kept: list[int] = []
    seen: list[LogEntry] = []

    async def write(numbers: range) -> None:
        for number in numbers:
            with suppress(UndoneError):
                async with resources.database.transaction() as transaction:
                    await resources.log.append(transaction, [PostPublished(actor_id=1, post_id=number)])
                    await asyncio.sleep(number * 7919 % 5 / 1000)
                    undo_every_seventh(number)
                kept.append(number)

    async def follow(writing: asyncio.Future[list[None]]) -> None:
        async with no_hang():
            while not writing.done() or len(seen) < len(kept):
                seen.extend(
                    await read_log(resources.database, partition_of(1), seen[-1].position if seen else START, 7)
                )
                await asyncio.sleep(0)

    writing = asyncio.gather(*[write(range(first, 200, 10)) for first in range(10)])
    await follow(writing)
    await writing
    assert [entry.position for entry in seen] == sorted(entry.position for entry in seen)
    assert sorted(event.post_id for event in events(seen) if isinstance(event, PostPublished)) == sorted(kept)
    assert len(kept) == len([number for number in range(200) if number % 7])
