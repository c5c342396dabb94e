"""Topics of the bus. A process that changes one of these things wakes the loops that read it."""

from collections import defaultdict
from collections.abc import Iterable
from zlib import crc32

from adapters.bus import Bus
from services.event_log.event_streams import RowKey

EVENT_LOG = "log"
"""The event log has new events."""

REVOCATIONS = "revoked"
"""Devices were revoked."""

JOBS = "jobs"
"""There are new jobs, or jobs that are due."""

STREAM_TOPICS = 64
"""Event streams are distributed over so many topics. A process listens to those of streams that it follows."""


def stream_topic(stream: RowKey) -> str:
    """Returns the topic of an event stream."""
    return f"streams_{crc32(b'%d.%d' % stream) % STREAM_TOPICS}"


def stream_key(stream: RowKey) -> str:
    """Returns the key by which a topic names a stream."""
    return f"{stream.owner_id:x}.{stream.id:x}"


def read_stream_key(key: str) -> RowKey:
    """Returns the stream of a key. Raises `ValueError` if it is not one."""
    owner_id, stream_id = key.split(".")
    return RowKey(int(owner_id, 16), int(stream_id, 16))


def wake_streams(bus: Bus, streams: Iterable[RowKey]) -> None:
    """Wakes the processes that follow one of these event streams."""
    by_topic: defaultdict[str, list[str]] = defaultdict(list)
    for stream in streams:
        by_topic[stream_topic(stream)].append(stream_key(stream))
    for topic, keys in by_topic.items():
        bus.wake(topic, keys)
