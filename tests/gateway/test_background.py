"""Loops beside requests go on, whatever is raised in them."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

import core.background
from gateway.background import trusted_documents as watching
from gateway.background.revocations import watch_revocations
from gateway.streaming.connections import OpenConnections
from services.event_log import topics
from services.resources import Resources
from tests.support.timing import no_hang
from workers import run_jobs, run_relay

LOOPS: dict[str, tuple[Callable[[Resources], Any], str]] = {
    "revocations": (
        partial(watch_revocations, connections=OpenConnections(9, 9)),
        "gateway.streaming.connections.OpenConnections.check",
    ),
    "documents": (watching.watch_documents, "gateway.background.trusted_documents.refresh_documents"),
    "relay": (run_relay, "services.relay.relay.Relay.step"),
    "dispatcher": (run_jobs, "services.jobs.dispatch.Dispatcher.step"),
    "jobs": (run_jobs, "adapters.queue.memory.MemoryQueue.work"),
}


@pytest.mark.parametrize("name", LOOPS)
async def test_a_loop_that_meets_an_unexpected_error_is_counted_and_goes_on(
    resources: Resources, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, place = LOOPS[name]
    monkeypatch.setattr(core.background, "MIN_PAUSE", 0.01)
    monkeypatch.setattr("gateway.background.revocations._POLL_SECONDS", 0.01)
    monkeypatch.setattr("gateway.background.trusted_documents._POLL_SECONDS", 0.01)
    called, again = list[int](), asyncio.Event()

    async def fail() -> None:
        called.append(1)
        if len(called) < 3:
            raise LookupError("unexpected")
        again.set()
        await asyncio.Event().wait()

    def fail_now(*_arguments: object) -> None:
        called.append(1)
        if len(called) < 3:
            raise LookupError("unexpected")
        again.set()

    async def fail_later(*_arguments: object, **_more: object) -> None:
        await fail()

    before = resources.background.failures[name]
    monkeypatch.setattr(place, fail_now if name == "revocations" else fail_later)
    task = asyncio.create_task(loop(resources))
    async with no_hang():
        while not again.is_set():
            resources.bus.wake(topics.EVENT_LOG)
            resources.bus.wake(topics.JOBS)
            await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert resources.background.failures[name] == before + 2
