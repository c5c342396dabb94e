"""Wake-ups of keys, and topics that listeners add and remove."""

import asyncio
from collections.abc import AsyncGenerator
from typing import NamedTuple

import pytest

from adapters.bus import Bus, Listener, Wakes
from adapters.bus.link import Link
from adapters.bus.memory import MemoryBus
from adapters.bus.wakes import PendingWakes, keys_of, messages_of
from tests.support.bus import collected, listening, opened, subscribed
from tests.support.timing import HANG_SECONDS, MOMENT, no_hang, until

NOTHING = Wakes(frozenset(), frozenset())
TOPICS = [f"streams_{number}" for number in range(64)]


class Processes(NamedTuple):
    """The buses of two processes, or twice that of one process for an engine within one process."""

    waking: Bus
    listening: Bus


@pytest.fixture
async def buses(bus_url: str) -> AsyncGenerator[Processes]:
    async with opened(bus_url) as one, opened(bus_url) as two:
        yield Processes(two if isinstance(two, MemoryBus) else one, two)


def whole(*topics: str) -> Wakes:
    return Wakes(frozenset(topics), frozenset())


def only(*keys: str) -> Wakes:
    return Wakes(frozenset(), frozenset(keys))


async def next_wakes(listener: Listener) -> Wakes:
    assert await listener.wait(HANG_SECONDS)
    return listener.take()


async def test_keys_arrive_in_another_process_and_are_taken_once(buses: Processes) -> None:
    async with listening(buses.listening, "streams_0", "streams_63") as listener:
        buses.waking.wake("streams_0", ["p.1", "u.2", "p.1"])
        assert await next_wakes(listener) == only("p.1", "u.2")
        buses.waking.wake("streams_63", {"x" * 40})
        assert await next_wakes(listener) == only("x" * 40)
        buses.waking.wake("streams_0")
        assert await next_wakes(listener) == whole("streams_0")
        assert listener.take() == NOTHING
        assert not await listener.wait(MOMENT)


async def test_wakes_that_were_taken_do_not_end_the_next_wait(buses: Processes) -> None:
    async with listening(buses.listening, "log") as listener:
        listener.wake("log", ["p.1"])
        assert listener.take() == only("p.1")
        assert not await listener.wait(MOMENT)


async def test_a_burst_arrives_as_keys_or_whole_topics(buses: Processes) -> None:
    keys = [f"p.{number}" for number in range(50_000)]
    missing = {topic: set(keys[index :: len(TOPICS)]) for index, topic in enumerate(TOPICS)}
    async with listening(buses.listening, *TOPICS) as listener:
        for begin in range(0, len(keys), 640):
            for index, topic in enumerate(TOPICS):
                buses.waking.wake(topic, keys[begin + index : begin + 640 : len(TOPICS)])
            await asyncio.sleep(0)
        async with no_hang():
            while missing:
                wakes = await next_wakes(listener)
                left = {topic: found - wakes.keys for topic, found in missing.items() if topic not in wakes.topics}
                missing = {topic: found for topic, found in left.items() if found}


async def test_a_listener_receives_only_topics_that_it_follows_at_the_moment(buses: Processes) -> None:
    async with listening(buses.listening, "log") as listener:
        buses.waking.wake("streams_1", ["p.1"])
        listener.add("streams_1")
        await subscribed(buses.listening, listener, "streams_1")
        buses.waking.wake("streams_1", ["p.2"])
        assert (await collected(listener, lambda wakes: "p.2" in wakes.keys)).topics == frozenset()
        listener.remove("streams_1")
        buses.waking.wake("streams_1", ["p.3"])
        buses.waking.wake("log", ["p.4"])
        assert await next_wakes(listener) == only("p.4")


async def test_a_topic_that_is_removed_is_forgotten(buses: Processes) -> None:
    async with listening(buses.listening, "streams_1", "streams_2") as listener:
        listener.wake("streams_1", ["p.1"])
        listener.wake("streams_2", ["p.2"])
        listener.remove("streams_1")
        listener.remove("streams_1")
        assert listener.take() == only("p.2")
    listener.add("streams_1")
    buses.waking.wake("streams_1")
    assert not await listener.wait(MOMENT), "the block has ended"


async def test_a_process_subscribes_to_its_topics_only(connected_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    received = list[tuple[str, str]]()

    def receive(_link: Link, topic: str, payload: str) -> None:
        received.append((topic, payload))

    async with opened(connected_url) as waking, opened(connected_url) as bus, listening(bus, "streams_1") as listener:
        monkeypatch.setattr(Link, "on_message", receive)
        listener.add("streams_2")
        await subscribed(bus, listener, "streams_2")
        listener.remove("streams_1")
        listener.add("streams_3")
        await subscribed(bus, listener, "streams_3")
        waking.wake("streams_0", ["p.0"])
        waking.wake("streams_1", ["p.1"])
        waking.wake("streams_2", ["p.2"])
        await until(lambda: ("streams_2", "p.2") in received)
    assert received == [("streams_2", "p.2")]


async def test_adding_and_removing_a_topic_many_times_ends_in_the_last_state(buses: Processes) -> None:
    async with listening(buses.listening, "log") as listener:
        for turn in range(100):
            listener.add("streams_1")
            listener.remove("streams_2")
            await asyncio.sleep(0.001 * (turn % 2))
            listener.add("streams_2")
            listener.remove("streams_1")
        async with no_hang():
            buses.waking.wake("streams_2", ["p.1"])
            while "p.1" not in (wakes := await next_wakes(listener)).keys:
                assert "streams_1" not in wakes.topics
                buses.waking.wake("streams_2", ["p.1"])
        buses.waking.wake("streams_1", ["p.2"])
        buses.waking.wake("log", ["p.3"])
        while "p.3" not in (wakes := await next_wakes(listener)).keys:
            assert "p.2" not in wakes.keys


async def test_more_than_ten_thousand_keys_of_a_listener_are_its_topics() -> None:
    async with opened("memory://") as bus:
        with bus.listen("streams_0", "streams_1", "log") as listener:
            bus.wake("streams_0", [f"p.{number}" for number in range(5_000)])
            bus.wake("streams_1", [f"u.{number}" for number in range(5_000)])
            assert len(listener.take().keys) == 10_000
            bus.wake("streams_0", [f"p.{number}" for number in range(5_000)])
            bus.wake("streams_1", [f"u.{number}" for number in range(5_001)])
            bus.wake("streams_1", ["p.1"])
            assert listener.take() == whole("streams_0", "streams_1")


def test_pending_wakes_are_bounded_by_topic_and_in_total() -> None:
    pending = PendingWakes(3, 5)
    pending.add("a", "123")
    pending.add("b", "1234")
    pending.add("b", "5")
    assert pending.take() == {"a": {"1", "2", "3"}, "b": ()}
    pending.add("a", "123")
    pending.add("b", "12")
    pending.discard("a")
    pending.add("c", "123")
    assert pending.take() == {"b": {"1", "2"}, "c": {"1", "2", "3"}}
    for topic in "abc":
        pending.add(topic, "12")
    assert pending.take() == {"a": (), "b": (), "c": ()}
    assert not pending


def test_messages_are_smaller_than_a_notification_of_postgresql() -> None:
    keys = {f"{number:040}" for number in range(500)}
    messages = messages_of({"log": keys, "jobs": ()})
    assert max(len(message.payload) for message in messages) < 8_000
    assert [message.topic for message in messages] == ["log", "log", "log", "jobs"]
    assert {key for message in messages for key in keys_of(message.payload)} == keys


@pytest.mark.parametrize("payload", ["", " ", "p.1 ", "p.1  p.2", "P.1", "p.1\n", "é", "x" * 41])
def test_a_malformed_payload_is_the_whole_topic(payload: str) -> None:
    assert keys_of(payload) == []


@pytest.mark.parametrize("key", ["", "A", "a b", "x" * 41, "p.1\n", "p:1", "é"])
async def test_a_key_is_short_and_plain(buses: Processes, key: str) -> None:
    with pytest.raises(ValueError, match="is not a key"):
        buses.waking.wake("log", ["p.1", key])
