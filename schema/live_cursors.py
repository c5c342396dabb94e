"""The fields `liveCursor`, at whose cursors live updates follow a response without a gap."""

from typing import Any

import strawberry

from core.errors import Unavailable
from core.viewer import SignedIn
from engine import Level
from schema.cache_control import of_viewer
from schema.context import Context, Info
from schema.row import RawInfo, Rows
from services.event_log.event_streams import RowKey
from services.live import START_POSITION, UNKNOWN_COUNTS, StreamPosition, post_cursors, user_cursors

_LOADER = "live_position_by_post"


def viewer_cursor(info: Info) -> str | None:
    """Returns the cursor of the viewer's streams from before the operation."""
    context = info.context
    position, user_id = context.viewer_position, context.signed_in.user_id
    return None if position is None else user_cursors(context.resources.cursors, user_id)(position)


def post_cursor(description: str) -> Any:
    """Returns the field for the cursor of a post's stream.

    The response contains the effects of all transactions before the operation began. The cursor precedes the events of
    all others. Which counts the response contains is not known, so the first event repeats them.
    """

    async def resolve(root: Any, info: Info) -> str | None:
        (cursor,) = await _cursors([root], info.context)
        return cursor

    async def resolve_level(rows: Rows, info: RawInfo) -> list[Any]:
        return await _cursors(rows, info.context)

    return strawberry.field(
        resolver=resolve,
        description=description,
        metadata={"engine": Level(resolve_level, _LOADER, reads=("author_id", "id"))},
        directives=[of_viewer()],
    )


async def _cursors(rows: Rows, context: Context) -> list[Any]:
    if context.log_horizon is None or not isinstance(context.viewer, SignedIn):
        return [None] * len(rows)
    if isinstance(context.log_horizon, Unavailable):
        raise context.log_horizon
    keys = [((row["author_id"], row["id"]), context.log_horizon) for row in rows]
    places = await context.loaders.load_level(_LOADER, keys)
    cursors, pairs = context.resources.cursors, zip(rows, places, strict=True)
    return [post_cursors(cursors, RowKey(row["author_id"], row["id"]))(_position(place)) for row, place in pairs]


def _position(place: Any) -> StreamPosition:
    if place is None:
        return START_POSITION
    return StreamPosition(place["epoch"], place["place"], 0, 0, UNKNOWN_COUNTS)
