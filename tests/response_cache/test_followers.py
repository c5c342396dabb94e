"""Requests that wait for the execution of an equal one: after its failure, and with another priority."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest
from httpx2 import ASGITransport, AsyncClient

from core.features import Feature
from core.settings import Settings
from gateway.app import create_app
from gateway.callers.time_limits import HEADER
from gateway.execution.operations import Operations
from gateway.overload import Admission, Priority
from gateway.response_cache import executions as executions_module
from gateway.response_cache.entries import Entry
from gateway.response_cache.executed import Executed
from gateway.response_cache.executions import Executions as SharedExecutions
from gateway.response_cache.lookups import Lookup
from gateway.response_cache.stored_operations import StoredOperations
from tests.support.client import HOME, Client
from tests.support.engines import Engine
from tests.support.timing import DEADLINE, no_hang, until

FEED = "{ viewer { id feed { edges { cursor } } } }"
BEN = 'query Ben { user(handle: "ben") { id name } }'
PREFETCH = {"Sec-Purpose": "prefetch"}


class Executions:
    """Counts executions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = 0
        execute = Operations._execute

        async def count(operations: Operations, *parts: Any) -> Any:
            self.begun += 1
            return await execute(operations, *parts)

        monkeypatch.setattr(Operations, "_execute", count)


@pytest.fixture
def executions(monkeypatch: pytest.MonkeyPatch) -> Executions:
    return Executions(monkeypatch)


async def test_after_an_execution_that_ran_out_of_time_one_of_those_that_waited_executes(
    client: Client, engine: Engine, executions: Executions
) -> None:
    token, bulkhead = await client.token("ana"), client.resources.features[Feature.FEED].bulkhead
    async with no_hang():
        async with engine.stalled(client.resources):
            short = asyncio.create_task(client.post(FEED, token=token, **{HEADER: "500"}))
            await until(lambda: bulkhead.in_use == 1)
            patient = [asyncio.create_task(client.post(FEED, token=token)) for _ in range(10)]
            assert (await short).json()["errors"][0]["extensions"]["feature"] == "feed"
            await until(lambda: bulkhead.in_use == 1)
        answers = [(await task).json() for task in patient]
    assert all(answer["data"]["viewer"]["feed"]["edges"] for answer in answers)
    results = sorted(answer["extensions"]["cache"]["result"] for answer in answers)
    assert results == ["miss"] + ["shared"] * 9
    assert executions.begun == 2


async def test_after_an_execution_that_a_write_has_outdated_one_of_those_that_waited_executes(
    client: Client, engine: Engine, executions: Executions
) -> None:
    token, store = await client.token("ana"), client.resources.responses
    assert store is not None
    bulkhead = client.resources.features[Feature.FEED].bulkhead
    async with no_hang():
        async with engine.stalled(client.resources):
            tasks = [asyncio.create_task(client.post(FEED, token=token)) for _ in range(10)]
            await until(lambda: bulkhead.in_use == 1)
            await store.announce(["*"])
        answers = [(await task).json() for task in tasks]
    assert all(answer["data"]["viewer"]["feed"]["edges"] for answer in answers)
    assert executions.begun == 2


class _Lookup:
    """The parts of a look-up of which the first response is outdated."""

    key, operation, is_for_everyone = "key", None, False
    store = SimpleNamespace(tail=SimpleNamespace(generation=0))

    @staticmethod
    def is_current(entry: object) -> bool:
        return entry != 1


class _Spending:
    def cancel(self) -> None:
        """Takes nothing."""


async def test_an_outdated_response_is_not_shared_by_a_request_that_finds_its_execution_just_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A request that resumes in the turn in which a task ends comes before the callbacks of the task."""
    loop, begun = asyncio.get_running_loop(), list[int]()
    ends, resumes = loop.create_future(), loop.create_future()

    async def execute(*_: Any) -> Executed:
        begun.append(number := len(begun) + 1)
        if number == 1:
            await ends
            resumes.set_result(None)
        return Executed(b"", False, False, cast("Entry", number), "", 0)

    async def finish(*_: Any) -> None:
        """Stores nothing."""

    monkeypatch.setattr(SharedExecutions, "_execute", execute)
    monkeypatch.setattr(SharedExecutions, "_finish", finish)

    def priority_of(_operation: object) -> Priority:
        return Priority.READ

    monkeypatch.setattr(executions_module, "priority_of", priority_of)
    shared = SharedExecutions(cast("Operations", SimpleNamespace(admission=None)), cast("Any", None))

    async def later() -> Executed:
        await resumes
        return await shared.run(cast("Lookup", _Lookup()), cast("Any", _Spending()))

    first = asyncio.create_task(shared.run(cast("Lookup", _Lookup()), cast("Any", _Spending())))
    second = asyncio.create_task(later())
    await until(lambda: begun)
    ends.set_result(None)
    async with no_hang():
        assert (await second).entry == 2
        await first
    await shared.close()


class Busy(NamedTuple):
    """The product while an execution holds its only place."""

    client: Client
    admission: Admission
    leave: Any


@asynccontextmanager
async def busy(settings: Settings, **chosen: Any) -> AsyncGenerator[Busy]:
    limit = {"overload": "on", "overload_min_executions": 1, "overload_max_executions": 1, "overload_wait": DEADLINE}
    app = create_app(replace(settings, **(limit | chosen)))
    admission: Admission = app.state.operations.admission
    admission._max_stalled = 0
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        place = admission.take_free(("a document", ""))
        assert place is not None
        yield Busy(Client(http, app.state.resources), admission, place.leave)
        place.leave()


def started(busy: Busy, query: str, token: str | None, **headers: str) -> asyncio.Task[Any]:
    return asyncio.create_task(busy.client.post(query, token=token, **headers))


async def test_a_read_does_not_wait_for_a_prefetch_that_waits_for_a_place(settings: Settings) -> None:
    async with busy(settings) as full, no_hang():
        token, ended = await full.client.token("ana"), list[str]()
        prefetch = started(full, HOME, token, **PREFETCH)
        prefetch.add_done_callback(lambda _: ended.append("prefetch"))
        await until(lambda: full.admission.waiting == 1)
        read, other = started(full, HOME, token), started(full, HOME, token)
        read.add_done_callback(lambda _: ended.append("read"))
        await until(lambda: full.admission.waiting == 2)
        full.leave()
        answers = [(await task).json()["extensions"]["cache"]["result"] for task in (read, other, prefetch)]
        assert answers == ["miss", "shared", "miss"]
        assert ended == ["read", "prefetch"]


async def test_a_prefetch_that_is_shed_fails_no_read(settings: Settings) -> None:
    async with busy(settings, overload_queue=1) as full, no_hang():
        token = await full.client.token("ana")
        prefetch = started(full, HOME, token, **PREFETCH)
        await until(lambda: full.admission.waiting == 1)
        read = started(full, HOME, token)
        assert (await prefetch).status_code == 503
        full.leave()
        assert (await read).json()["extensions"]["cache"]["result"] == "miss"
        assert full.admission.shed == {**dict.fromkeys(Priority, 0), Priority.PREFETCH: 1}


async def test_a_prefetch_follows_a_read_and_a_read_one_that_has_begun(client: Client, executions: Executions) -> None:
    token = await client.token("ana")
    read = asyncio.create_task(client.post(HOME, token=token))
    await until(lambda: executions.begun)
    prefetch = asyncio.create_task(client.post(HOME, token=token, **PREFETCH))
    other = asyncio.create_task(client.post(HOME, token=token))
    await asyncio.wait([read, prefetch, other])
    assert executions.begun == 1


async def test_a_prefetch_that_waits_does_not_hold_the_lock_of_reads(settings: Settings) -> None:
    """The lock of a response for everyone has other processes wait."""
    async with busy(settings) as full, no_hang():
        store = full.client.resources.responses
        assert store is not None
        acquire, taken = store.acquire, list[bool]()

        async def note(key: str, milliseconds: int) -> bool:
            taken.append(await acquire(key, milliseconds))
            return taken[-1]

        store.acquire = note
        prefetch = started(full, BEN, None, **PREFETCH)
        await until(lambda: full.admission.waiting == 1)
        read = started(full, BEN, None)
        await until(lambda: full.admission.waiting == 2)
        full.leave()
        assert [(await task).status_code for task in (read, prefetch)] == [200, 200]
        assert taken == [True, True]


@pytest.fixture
def outdated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has each stored response be sent once more while it is renewed."""
    compute = StoredOperations._compute

    def renewed(operations: StoredOperations, operation: Any) -> Any:
        return compute(operations, operation)._replace(stale_while_revalidate=60)

    def age(_lookup: Lookup, entry: Entry) -> int:
        return entry.max_age + 1

    monkeypatch.setattr(StoredOperations, "_compute", renewed)
    monkeypatch.setattr(Lookup, "age", age)


@pytest.mark.usefixtures("outdated")
async def test_a_renewal_costs_the_user_nothing(settings: Settings, executions: Executions) -> None:
    rates: dict[str, Any] = {"rates": "on", "rate_reads": "user=9000,seconds=3600", "cache_explain": "off"}
    app = create_app(replace(settings, cache_name=secrets.token_hex(6), **rates))
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://bff") as http,
    ):
        client = Client(http, app.state.resources)
        token = await client.token("ana")
        await client.post(HOME, token=token)
        left: list[int] = []
        async with no_hang():
            while executions.begun < 4:
                headers = (await client.post(HOME, token=token)).headers
                left.append(int(headers["ratelimit"].partition("r=")[2].partition(";")[0]))
                await asyncio.sleep(0.01)
        assert [left[0] - each for each in left] == list(range(len(left)))


@pytest.mark.usefixtures("outdated")
async def test_a_renewal_is_shed_with_the_lowest_priority(settings: Settings) -> None:
    async with busy(settings, overload_queue=0) as full, no_hang():
        token = await full.client.token("ana")
        full.leave()
        assert (await full.client.post(HOME, token=token)).status_code == 200
        place = full.admission.take_free(("a document", ""))
        assert place is not None
        answer = (await full.client.post(HOME, token=token)).json()
        assert answer["extensions"]["cache"]["result"] == "stale"
        await until(lambda: full.admission.shed[Priority.PREFETCH] == 1)
        place.leave()
