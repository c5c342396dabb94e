"""Reads event streams in tests."""

from typing import NamedTuple

from adapters.database import Queries
from services.event_log.event_streams import RowKey
from services.event_log.stream_reads import START_OFFSET, Offset, StreamEntry, read_streams

__all__ = ["START_OFFSET", "Offset", "StreamRead", "current_offset", "read_stream"]


class StreamRead(NamedTuple):
    """Holds the entries after an offset, and the offset after them."""

    entries: list[StreamEntry]
    place: Offset


async def current_offset(queries: Queries, stream: RowKey) -> Offset:
    """Returns the offset of the end of a stream."""
    pages = await read_streams(queries, [(stream, 0)], 1)
    return pages[stream].state.end if stream in pages else START_OFFSET


async def read_stream(queries: Queries, stream: RowKey, after: Offset, max_entries: int) -> StreamRead | None:
    """Returns the entries after an offset, or None if a reader at the offset cannot continue."""
    pages = await read_streams(queries, [(stream, after.place)], max_entries)
    if stream not in pages:
        return StreamRead([], START_OFFSET) if after == START_OFFSET else None
    state, entries, read_to = pages[stream]
    return StreamRead(entries, Offset(state.epoch, read_to)) if state.contains(after) else None
