"""Responses of executions, and the entries with which they are stored."""

import random
from typing import NamedTuple

from core.errors import ErrorCode, Unauthenticated
from gateway.execution.results import FormattedResult
from gateway.http.caching import digest_of
from gateway.http.compression import compress
from gateway.response_cache.entries import Entry
from gateway.response_cache.lookups import Lookup
from gateway.response_cache.recording import TagRecorder
from services.announcements import entry_tags

_JITTER = 0.1
"""The maximum share by which lifetimes are shortened, so that responses do not end at the same time."""


class Executed(NamedTuple):
    """The response of an execution, and the entry if it may be stored."""

    body: bytes
    has_errors: bool
    is_unavailable: bool
    entry: Entry | None
    reason: str
    generation: int
    is_shared: bool = False
    """Whether another process has executed it."""


def is_storable(lookup: Lookup, executed: Executed) -> bool:
    """Returns whether a response may be stored: no tag has moved since its first statement."""
    entry, generation = executed.entry, lookup.store.tail.generation
    return entry is not None and executed.generation == generation and lookup.is_current(entry)


def entry_of(lookup: Lookup, body: bytes, begun: int, recorder: TagRecorder) -> Entry:
    """Returns the entry of a response. `begun` is the time before its first statement, in milliseconds."""
    viewer, digest = lookup.caller.viewer, b""
    assert not isinstance(viewer, Unauthenticated)  # noqa: S101 - there is no look-up for it
    tags, counts = entry_tags(viewer, recorder.tags)
    if lookup.is_for_everyone:
        # Shared caches store the tags with the response, so equal bytes with other tags are another response.
        tags.sort()
        digest = digest_of(body, " ".join(tags).encode())
    coded, coding = compress(body, lookup.coding)
    return Entry(
        recorder.position,
        begun - round(recorder.lag * 1000),
        max(1, int(lookup.stored.max_age * (1 - _JITTER * random.random()))),  # noqa: S311 - not for secrets
        lookup.stored.stale_while_revalidate,
        coding,
        " ".join(tags).encode(),
        b"" if lookup.stored.max_stale is None else " ".join(counts).encode(),
        digest,
        coded,
    )


def is_unavailable(result: FormattedResult) -> bool:
    """Returns whether a result with errors has one with the code UNAVAILABLE."""
    return any(error.get("extensions", {}).get("code") == ErrorCode.UNAVAILABLE for error in result["errors"])
