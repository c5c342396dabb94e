"""The queues, and the failures of the one with a server."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Connection

from adapters.queue import Queue, Run, open_queue
from core.errors import SettingsError, Unavailable
from core.settings import Settings
from tests.chaos.proxy import Proxy
from tests.conftest import REDIS
from tests.support.engines import REDIS_URL
from tests.support.timing import DEADLINE, HANG_SECONDS, MOMENT, PASSING, no_hang

needs_redis = pytest.mark.skipif(not REDIS, reason="Redis is not reached")


def opened(url: str, name: str = "") -> Queue:
    name = name or f"test-{secrets.token_hex(6)}"
    return open_queue(Settings(queue_url=url, queue_name=name, queue_deadline=1.0, job_concurrency=4))


@pytest.fixture(params=["memory://", pytest.param(REDIS_URL, marks=needs_redis, id="redis")])
async def queue(request: pytest.FixtureRequest) -> AsyncGenerator[Queue]:
    made = opened(request.param)
    yield made
    await made.close()


@asynccontextmanager
async def working(queue: Queue, run: Run, drain: float = 1.0) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(queue.work(run, concurrency=4, drain=drain))
    yield task
    task.cancel()
    await asyncio.wait([task], timeout=HANG_SECONDS)
    assert task.done()


class Recorder:
    """Records the delivered texts and their concurrency. Each text runs for `seconds`."""

    def __init__(self, seconds: float = 0) -> None:
        self.started: list[str] = []
        self.ended: list[str] = []
        self.max_running = 0
        self._seconds = seconds

    def run(self, text: str) -> Coroutine[Any, Any, None]:
        return self._run(text)

    async def _run(self, text: str) -> None:
        self.started.append(text)
        self.max_running = max(self.max_running, len(self.started) - len(self.ended))
        await asyncio.sleep(self._seconds)
        self.ended.append(text)

    async def until(self, count: int) -> None:
        async with no_hang():
            while len(self.ended) < count:  # noqa: ASYNC110 - a list is watched
                await asyncio.sleep(0.005)


async def test_what_is_offered_is_brought_and_no_more_than_so_much_at_a_time(queue: Queue) -> None:
    recorder = Recorder(0.01)
    texts = [f"7:{number}:do:{number}" for number in range(20)]
    async with working(queue, recorder.run):
        offered = 0
        while offered < len(texts):
            capacity = await queue.capacity()
            await queue.offer(texts[offered : offered + capacity])
            offered += capacity
        await recorder.until(20)
    assert sorted(recorder.ended) == sorted(texts)
    assert recorder.max_running <= 4


async def test_what_runs_may_end_when_a_worker_stops_and_nothing_new_begins(queue: Queue) -> None:
    recorder = Recorder(PASSING)
    async with working(queue, recorder.run, drain=DEADLINE) as task:
        await queue.capacity()
        await queue.offer(["1", "2"])
        async with no_hang():
            while len(recorder.started) < 2:  # noqa: ASYNC110 - a list is watched
                await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.sleep(MOMENT)
        await queue.offer(["3"])
        await asyncio.wait([task], timeout=HANG_SECONDS)
    assert (sorted(recorder.started), sorted(recorder.ended)) == (["1", "2"], ["1", "2"])


async def test_what_does_not_end_in_time_is_cancelled(queue: Queue) -> None:
    recorder = Recorder(60)
    async with working(queue, recorder.run, drain=0.1):
        await queue.capacity()
        await queue.offer(["1"])
        async with no_hang():
            while not recorder.started:  # noqa: ASYNC110 - a list is watched
                await asyncio.sleep(0.005)
    assert (recorder.started, recorder.ended) == (["1"], [])


async def test_a_worker_at_its_concurrency_limit_has_no_capacity() -> None:
    queue, recorder = opened(""), Recorder(PASSING)
    async with working(queue, recorder.run):
        assert await queue.capacity() == 4
        await queue.offer(["1", "2", "3", "4"])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(queue.capacity(), MOMENT)
        await recorder.until(4)
        assert await queue.capacity() == 4


@needs_redis
async def test_a_cancellation_that_redis_py_swallows_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before Python 3.12, `asyncio.wait_for`, which redis-py calls for each command, suppresses some cancellations."""
    queue, send = opened(REDIS_URL), Connection.send_packed_command
    await queue.offer([])

    async def swallow(connection: Connection, *arguments: Any, **options: Any) -> None:
        await send(connection, *arguments, **options)
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)

    monkeypatch.setattr(Connection, "send_packed_command", swallow)
    running = asyncio.create_task(queue.capacity())
    with pytest.raises(asyncio.CancelledError):
        async with no_hang():
            await running
    monkeypatch.undo()
    await queue.close()


@needs_redis
async def test_what_one_process_offers_another_does_and_what_waits_is_not_taken_twice() -> None:
    name = f"test-{secrets.token_hex(6)}"
    here, there, recorder = opened(REDIS_URL, name), opened(REDIS_URL, name), Recorder()
    await here.offer(["1", "2", "1"])
    await here.offer(["2"])
    async with working(there, recorder.run):
        await recorder.until(2)
        await here.offer(["1"])
        await recorder.until(3)
    assert sorted(recorder.ended) == ["1", "1", "2"]
    await here.close()
    await there.close()


@needs_redis
async def test_a_redis_that_is_gone_or_silent_is_unavailable_in_time_and_work_goes_on_when_it_is_back() -> None:
    url, recorder = urlsplit(REDIS_URL), Recorder()
    async with Proxy(url.hostname or "", url.port or 6379).running() as proxy:
        queue = opened(url._replace(netloc=f"127.0.0.1:{proxy.port}").geturl())
        async with working(queue, recorder.run):
            await queue.offer(["1"])
            await recorder.until(1)
            proxy.silence()
            for call in (queue.capacity, lambda: queue.offer(["2"])):
                async with no_hang():
                    with pytest.raises(Unavailable):
                        await call()
            proxy.talk()
            async with no_hang():
                while "3" not in recorder.ended:
                    try:
                        await queue.offer(["3"])
                    except Unavailable:
                        continue
                    finally:
                        await asyncio.sleep(0.1)
        await queue.close()


@pytest.mark.parametrize("url", ["amqp://127.0.0.1", "nonsense"])
def test_a_queue_that_does_not_exist_is_one_line_that_names_the_setting(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^BFF_QUEUE_URL: no driver for "):
        open_queue(Settings(queue_url=url))
