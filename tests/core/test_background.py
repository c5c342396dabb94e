import asyncio
import logging
from contextlib import suppress

import pytest

import core.background
from core.background import Background
from tests.support.timing import no_hang


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Records the pauses between two starts instead of waiting."""
    made: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        made.append(seconds)
        await sleep(0)

    monkeypatch.setattr(core.background.asyncio, "sleep", note)
    return made


async def test_a_task_that_fails_or_ends_is_started_again_with_ever_longer_pauses_and_counted(
    pauses: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    background, started, steady = Background(), list[int](), asyncio.Event()

    async def run() -> None:
        started.append(1)
        if len(started) == 12:
            steady.set()
            await asyncio.Event().wait()
        if len(started) % 2:
            raise LookupError("unexpected")

    task = asyncio.create_task(background.supervise("the loop", run))
    async with no_hang():
        await steady.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert background.failures == {"the loop": 11}
    longest = [min(0.5 * 2**number, 30.0) for number in range(11)]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))
    alarms = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.message for record in alarms] == ["a background task has failed: the loop"] * 11
    assert [vars(record)["failures"] for record in alarms] == list(range(1, 12))
    assert "LookupError: unexpected" in caplog.text
    assert "the task returned" in caplog.text


async def test_what_is_cancelled_ends_and_is_no_failure() -> None:
    background = Background()
    task = asyncio.create_task(background.supervise("x", asyncio.Event().wait))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert background.failures == {}


@pytest.mark.parametrize("error", [None, LookupError("unexpected")])
async def test_a_task_that_swallows_its_cancellation_ends_as_soon_as_it_returns(error: Exception | None) -> None:
    background, begun = Background(), asyncio.Event()

    async def run() -> None:
        begun.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        if error is not None:
            raise error

    task = asyncio.create_task(background.supervise("x", run))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        async with no_hang():
            await task
    assert background.failures == ({} if error is None else {"x": 1})
