import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import ProblemCode, ProblemError, Unavailable
from models.users import FollowModel
from services.resources import Resources
from services.unit_of_work import UnitOfWork, unit_of_work


async def follow(work: UnitOfWork) -> None:
    client = (await work.transaction()).client
    await FollowModel.create(using_db=client, owner_id=1, followee_id=2, id=3, created_at=datetime.now(UTC))


def hurried(resources: Resources) -> Resources:
    return replace(resources, settings=replace(resources.settings, work_deadline=0.1))


async def kept(resources: Resources) -> int:
    return len(await resources.database.fetch("SELECT 1 AS one FROM follows WHERE owner_id = 1"))


async def test_what_was_done_is_kept_and_then_the_hooks_run_in_order(resources: Resources) -> None:
    ran: list[str] = []
    async with unit_of_work(resources) as work:
        work.after_commit(lambda: ran.append("first"))
        await follow(work)
        work.after_commit(lambda: ran.append("second"))
        assert ran == []
    assert await kept(resources) == 1
    assert ran == ["first", "second"]


async def test_a_refusal_leaves_nothing_and_runs_no_hook(resources: Resources) -> None:
    ran: list[str] = []
    with pytest.raises(ProblemError):
        async with unit_of_work(resources) as work:
            await follow(work)
            work.after_commit(lambda: ran.append("never"))
            raise ProblemError("InvalidInputProblem", ProblemCode.INVALID_INPUT, "No.")
    assert await kept(resources) == 0
    assert ran == []


async def test_without_a_statement_there_is_no_transaction(resources: Resources) -> None:
    async with resources.database.transaction(), unit_of_work(resources):
        pass  # On SQLite a second transaction would wait for the first one for ever.


async def test_a_hook_that_fails_is_logged_and_stops_no_other(
    resources: Resources, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[str] = []

    def fail() -> None:
        raise LookupError

    with caplog.at_level(logging.ERROR):
        async with unit_of_work(resources) as work:
            work.after_commit(fail)
            work.after_commit(lambda: ran.append("second"))
    assert ran == ["second"]
    assert [record.exc_info is not None for record in caplog.records] == [True]


async def test_work_that_takes_too_long_is_undone_and_unavailable(resources: Resources) -> None:
    ran: list[str] = []
    with pytest.raises(Unavailable):
        async with unit_of_work(hurried(resources)) as work:
            work.after_commit(lambda: ran.append("never"))
            await follow(work)
            await asyncio.sleep(60)
    assert await kept(resources) == 0
    assert ran == []
