from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import ProblemCode, Refusal
from events import PostLiked, PostPublished, UserFollowed, read_event
from events.log_format import LoggedEvent
from models.users import Follow
from services.log import EventLog
from services.resources import Resources
from services.unit_of_work import unit_of_work

INSTANT = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def logged(resources: Resources) -> list[Mapping[str, Any]]:
    return await resources.database.fetch("SELECT * FROM event_log ORDER BY tx, id")


def read(row: Mapping[str, Any]) -> Any:
    return read_event(LoggedEvent(row["type"], row["version"], row["actor_id"], row["data"]))


async def test_what_was_emitted_is_in_the_log_in_its_order(resources: Resources) -> None:
    resources = replace(resources, log=EventLog(lambda: INSTANT, resources.ids))
    emitted = [UserFollowed(actor_id=1, followee_id=2), PostLiked(actor_id=1, author_id=2, post_id=3)]
    async with unit_of_work(resources) as work:
        for event in emitted:
            work.emit(event)
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=2, post_id=4))
    rows = await logged(resources)
    assert [read(row) for row in rows] == [*emitted, PostPublished(actor_id=2, post_id=4)]
    assert {row["occurred_at"] for row in rows} == {INSTANT}


async def test_events_of_one_transaction_stand_together(resources: Resources) -> None:
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=1, post_id=2))
        work.emit(PostPublished(actor_id=1, post_id=3))
    async with unit_of_work(resources) as work:
        work.emit(PostPublished(actor_id=1, post_id=4))
    first, second, third = [row["tx"] for row in await logged(resources)]
    assert first == second < third


async def test_a_refusal_leaves_no_event(resources: Resources) -> None:
    with pytest.raises(Refusal):
        async with unit_of_work(resources) as work:
            work.emit(PostPublished(actor_id=1, post_id=2))
            raise Refusal("InvalidInputProblem", ProblemCode.INVALID_INPUT, "No.")
    assert await logged(resources) == []


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
                client = (await work.writing()).client
                await Follow.create(using_db=client, owner_id=1, followee_id=2, id=3, created_at=INSTANT)
                work.emit(UserFollowed(actor_id=1, followee_id=2))
    assert await resources.database.fetch("SELECT 1 AS one FROM follows WHERE owner_id = 1") == []
    assert await logged(resources) == []


async def test_the_log_takes_one_statement_for_all_events(resources: Resources, statements: list[str]) -> None:
    async with unit_of_work(resources) as work:
        await work.writing()
        statements.clear()
        work.emit(PostPublished(actor_id=1, post_id=2))
        work.emit(PostPublished(actor_id=1, post_id=3))
    assert ["event_log" in statement for statement in statements] == [True]
