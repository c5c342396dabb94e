"""Cursors of live updates: positions in the streams of a user, or in the stream of a post.

A user's cursor is valid only for that user, and a post's cursor only for that post.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from core.paging import Cursors
from services.event_log.event_streams import RowKey
from services.event_log.stream_reads import Offset

_NOT_OF_THESE = (
    "not a cursor of these live updates. Query the data again with its `liveCursor`, and subscribe after that."
)


class StreamPosition(NamedTuple):
    """A point in the streams of a subscriber.

    `popular_epoch` and `popular_place` are 0 for a post, which has one stream. `counts_revision` is that of the last
    counts that the subscriber has received, or `UNKNOWN_COUNTS`.
    """

    epoch: int
    place: int
    popular_epoch: int
    popular_place: int
    counts_revision: int

    @property
    def own(self) -> Offset:
        """The offset in the stream of the user or of the post."""
        return Offset(self.epoch, self.place)

    @property
    def popular(self) -> Offset:
        """The offset in the popular stream."""
        return Offset(self.popular_epoch, self.popular_place)


def own_position(own: Mapping[str, int]) -> StreamPosition:
    """Returns the position at the end of a user's streams, from the columns of `models.users.OwnRow`."""
    return StreamPosition(*[own[column] for column in StreamPosition._fields])


START_POSITION = StreamPosition(0, 0, 0, 0, 0)
"""The position before all events of streams that do not exist yet."""

UNKNOWN_COUNTS = 2**62
"""The revision of a reader who cannot know which counts it has read. The subscriber receives the counts at once."""

CursorWriter = Callable[[StreamPosition], str]


def user_cursors(cursors: Cursors, user_id: int) -> CursorWriter:
    """Returns a function that writes positions in a user's streams as cursors."""
    return cursors.writer(_user_list(user_id))


def post_cursors(cursors: Cursors, post: RowKey) -> CursorWriter:
    """Returns a function that writes positions in a post's stream as cursors."""
    return cursors.writer(_post_list(post))


def user_position(cursors: Cursors, user_id: int, cursor: str | None, argument: str) -> StreamPosition | None:
    """Returns the position of a cursor of this user. Raises `BadUserInput` for `argument` if it is not one."""
    return _position(cursors, _user_list(user_id), cursor, argument)


def post_position(cursors: Cursors, post: RowKey, cursor: str | None, argument: str) -> StreamPosition | None:
    """Returns the position of a cursor of this post. Raises `BadUserInput` for `argument` if it is not one."""
    return _position(cursors, _post_list(post), cursor, argument)


def _position(cursors: Cursors, list_name: str, cursor: str | None, argument: str) -> StreamPosition | None:
    # The advice differs from that of other lists: a subscription without a cursor would skip the missed events.
    return None if cursor is None else StreamPosition(*cursors.read(list_name, cursor, argument, _NOT_OF_THESE))


def _user_list(user_id: int) -> str:
    return f"live:{user_id}"


def _post_list(post: RowKey) -> str:
    return f"live:{post.owner_id}.{post.id}"
