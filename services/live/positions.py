"""Moves the positions of subscribers along pages of their streams."""

from collections.abc import Sequence
from datetime import datetime
from heapq import merge
from typing import NamedTuple

from services.event_log.event_streams import RowKey
from services.event_log.stream_reads import Offset, StreamEntry, StreamPage, StreamState, UserPages
from services.live.cursors import CursorWriter, StreamPosition
from services.live.events import PayloadRow, ResetReason, counts_payload, payload, reset_payload

MAX_MERGED = 256
"""The maximum of entries of both streams that a user's subscriber receives at once. Clients may be slow."""


class Moved(NamedTuple):
    """A position after a page, and the payloads up to it."""

    position: StreamPosition
    payloads: Sequence[PayloadRow]


class MergedEntry(NamedTuple):
    """An entry of one of a user's streams, and the position of a reader after it."""

    entry: StreamEntry
    position: StreamPosition


def reset_reason(state: StreamState, offset: Offset) -> ResetReason | None:
    """Returns why a reader at this offset cannot continue, or None if it can."""
    if state.contains(offset):
        return None
    is_too_old = offset.epoch in (0, state.epoch) and offset.place < state.first_place
    return ResetReason.TOO_OLD if is_too_old else ResetReason.EPOCH_CHANGED


def end_of(own: StreamState, popular: Offset) -> StreamPosition:
    """Returns the position at the end of both streams."""
    return StreamPosition(*own.end, *popular, own.counts_revision)


def move(position: StreamPosition, page: StreamPage, write: CursorWriter, now: datetime) -> Moved:
    """Returns the position of a reader after a page of its own stream."""
    if reason := reset_reason(page.state, position.own):
        return _reset(reason, end_of(page.state, position.popular), write, now)
    start = position._replace(epoch=page.state.epoch)
    entries = [entry for entry in page.entries if entry.place > position.place]
    rows = [payload(entry, write(start._replace(place=entry.place))) for entry in entries]
    return Moved(start._replace(place=max(position.place, page.read_to)), rows)


def move_popular(position: StreamPosition, entries: Sequence[StreamEntry], end: Offset, write: CursorWriter) -> Moved:
    """Returns the position of a reader after entries of the popular stream, which was read to `end`."""
    start = position._replace(popular_epoch=end.epoch)
    rows = [payload(entry, write(start._replace(popular_place=entry.place))) for entry in entries]
    return Moved(start._replace(popular_place=end.place), rows)


def move_both(position: StreamPosition, pages: UserPages, write: CursorWriter, now: datetime) -> Moved:
    """Returns the position of a reader after at most `MAX_MERGED` entries of pages of both streams."""
    own, popular = pages
    reason = reset_reason(own.state, position.own) or reset_reason(popular.state, position.popular)
    if reason:
        return _reset(reason, end_of(own.state, popular.state.end), write, now)
    entries = merged(position, pages)
    rows = [payload(entry, write(after)) for entry, after in entries[:MAX_MERGED]]
    if len(entries) > MAX_MERGED:
        return Moved(entries[MAX_MERGED - 1].position, rows)
    return Moved(after_pages(pages, position.counts_revision), rows)


def after_pages(pages: UserPages, counts_revision: int) -> StreamPosition:
    """Returns the position after all entries of the pages."""
    own, popular = pages
    return StreamPosition(own.state.epoch, own.read_to, popular.state.epoch, popular.read_to, counts_revision)


def merged(position: StreamPosition, pages: UserPages) -> list[MergedEntry]:
    """Returns the entries of both streams, each with the position after it.

    They are merged by their positions in the log. Within a stream they keep their order.
    """
    own, popular = pages
    position = position._replace(epoch=own.state.epoch, popular_epoch=popular.state.epoch)
    tagged = ([(entry, column) for entry in page.entries] for page, column in ((own, "place"), (popular, _POPULAR)))
    result: list[MergedEntry] = []
    for entry, column in merge(*tagged, key=lambda pair: pair[0].position):
        position = position._replace(**{column: entry.place})
        result.append(MergedEntry(entry, position))
    return result


def with_counts(moved: Moved, revision: int, subject: RowKey, write: CursorWriter, now: datetime) -> Moved:
    """Returns the position with the newest counts of the subject, and the payload that announces them."""
    position = moved.position._replace(counts_revision=revision)
    return Moved(position, [*moved.payloads, counts_payload(subject, write(position), now)])


def _reset(reason: ResetReason, end: StreamPosition, write: CursorWriter, now: datetime) -> Moved:
    return Moved(end, [reset_payload(reason, write(end), now)])


_POPULAR = "popular_place"
