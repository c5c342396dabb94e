"""Live updates: subscribers of event streams receive what they missed, and then what is new.

`StreamHub` reads the streams that moved, once for all subscribers of the process. `Subscriber` is one subscription,
`cursors` write and read its position, and `events` describe entries for the schema. `sync` reads the changes of a
user's streams without a subscription.
"""

from services.live.cursors import (
    START_POSITION,
    UNKNOWN_COUNTS,
    StreamPosition,
    own_position,
    post_cursors,
    post_position,
    user_cursors,
    user_position,
)
from services.live.hub import StreamHub
from services.live.subscriber import Delivery, Receiver, Subscriber
from services.live.sync import ChangedNode, ChangesPage, sync

__all__ = [
    "START_POSITION",
    "UNKNOWN_COUNTS",
    "ChangedNode",
    "ChangesPage",
    "Delivery",
    "Receiver",
    "StreamHub",
    "StreamPosition",
    "Subscriber",
    "own_position",
    "post_cursors",
    "post_position",
    "sync",
    "user_cursors",
    "user_position",
]
