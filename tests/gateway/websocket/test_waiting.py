"""Tests the queue and the flag of WebSockets, which replace asyncio's."""

import asyncio
import sys

import pytest

from gateway.server.waiting import Flag, MessageQueue
from tests.support.timing import no_hang


async def test_messages_are_taken_in_order() -> None:
    queue = MessageQueue[int]()
    for number in range(3):
        queue.put_nowait(number)
    assert [queue.get_nowait() for _ in range(3)] == [0, 1, 2]
    assert queue.empty()
    with pytest.raises(asyncio.QueueEmpty):
        queue.get_nowait()


async def test_a_reader_waits_for_a_message_that_can_still_be_removed() -> None:
    queue = MessageQueue[int]()
    added = queue.added()
    queue.put_nowait(1)
    assert added.done()
    assert queue.get_nowait() == 1
    assert queue.empty()


async def test_a_reader_that_was_cancelled_loses_no_message() -> None:
    queue = MessageQueue[int]()
    queue.added().cancel()
    queue.put_nowait(1)
    assert queue.get_nowait() == 1


async def test_all_tasks_wait_for_the_flag_and_a_cancelled_one_is_no_obstacle() -> None:
    flag = Flag()
    tasks = [asyncio.create_task(flag.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    assert not any(task.done() for task in tasks[1:])
    flag.set()
    async with no_hang():
        await asyncio.gather(*tasks[1:])
        await flag.wait()
    assert tasks[0].cancelled()
    flag.clear()
    assert not flag.is_set()


async def test_both_are_small_while_nothing_waits() -> None:
    queue, flag = MessageQueue[int](), Flag()
    queue.put_nowait(1)
    queue.get_nowait()
    assert sys.getsizeof(queue) + sys.getsizeof(flag) < 150
