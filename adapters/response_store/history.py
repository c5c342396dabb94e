"""Reads what the stream of announcements contains when a process connects."""

from typing import Any

from adapters.redis_connection.connection import PipelinedConnection
from adapters.redis_connection.endpoint import check
from adapters.response_store.base import StoreUnavailable
from adapters.response_store.entries import apply_entry, identity_of, position_of
from adapters.response_store.follower import PAGE, Follower


async def read_history(connection: PipelinedConnection, follower: Follower, begin: int, identity: str) -> int:
    """Reads the stream from a time in milliseconds, and returns the position since which this server has all entries.

    That is the first marker after which no other server wrote one: each process appends a marker when it connects.
    Raises `StoreUnavailable` if there is none.
    """
    complete_since: int | None = None
    start, page = f"{begin}-0", list[Any]()
    while not page or len(page) == PAGE:
        page = check(await connection.call(("XRANGE", follower.key, start, "+", "COUNT", PAGE)))
        if not page:
            break
        for entry_id, fields in page:
            apply_entry(follower.tail, entry_id, fields)
            found = identity_of(fields)
            if found == identity:
                complete_since = complete_since or position_of(entry_id)
            elif found is not None:
                complete_since = None
        follower.start_at(page[-1][0])
        start = f"({page[-1][0].decode()}"
    if complete_since is None:
        raise StoreUnavailable("the marker is lost")
    return complete_since
