"""Writes the rows of notifications: new ones, and groups that grow."""

from collections.abc import Sequence

from adapters.database import Queries
from events import Event
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.event_log.log import LogPosition
from services.relay.projections.new_notifications import NO_ACTOR, NewNotification
from services.relay.projections.recorded_event import RecordedEvent

_NOTIFICATION = {
    "owner_id": "bigint",
    "kind": "text",
    "actor_id": "bigint",
    "subject_type": "text",
    "subject_owner_id": "bigint",
    "subject_id": "bigint",
    "cause": "text",
    "created_at": "timestamptz",
    "actor_count": "bigint",
    "id": "bigint",
}
_ADD = f"INSERT INTO notifications ({', '.join(_NOTIFICATION)}) SELECT {', '.join(_NOTIFICATION)} FROM input_rows"  # noqa: S608 - built from constants
_LATEST = ("actor_id", "subject_owner_id", "subject_id", "created_at")
_GROW = (
    "UPDATE notifications SET actor_count = notifications.actor_count + g.actor_count, "  # noqa: S608 - as above
    + ", ".join(
        f"{column} = CASE WHEN g.created_at >= notifications.created_at THEN g.{column} ELSE notifications.{column} END"
        for column in _LATEST
    )
    + " FROM input_rows g WHERE notifications.owner_id = g.owner_id AND notifications.id = g.id"
)
"""Adds the number of new actors. A fact that arrives after a later one, such as a replayed one, is not the latest."""

_GROUP = {
    "owner_id": "bigint",
    "kind": "text",
    "group_key": "bigint",
    "notification_id": "bigint",
    "opened_at": "timestamptz",
}
_PUT_GROUPS = (
    f"INSERT INTO notification_groups ({', '.join(_GROUP)}) SELECT {', '.join(_GROUP)} FROM input_rows WHERE true "  # noqa: S608 - as above
    "ON CONFLICT (owner_id, kind, group_key) DO UPDATE SET notification_id = excluded.notification_id, "
    "opened_at = excluded.opened_at"
)


class Told:
    """A notification of a batch with the facts that it tells."""

    latest: NewNotification
    """The latest fact."""

    def __init__(self, notification_id: int) -> None:
        self.id = notification_id
        self._new_actors: set[int] = set()
        self._recorded: RecordedEvent[Event]

    def add(self, new: NewNotification, recorded: RecordedEvent[Event], *, is_known: bool) -> None:
        """Adds a fact, in the order of the log. `is_known` says that the notification contains its actor already."""
        self.latest, self._recorded = new, recorded
        if not is_known:
            self._new_actors.add(new.key.actor_id)

    def row(self) -> tuple[object, ...]:
        """Returns the row of the notification, with the number of actors that are new to it."""
        key, subject = self.latest.key, self.latest.subject
        actor_id = None if key.actor_id == NO_ACTOR else key.actor_id
        values = (key.owner_id, key.kind, actor_id, *subject, self.latest.cause, self.latest.occurred_at)
        return (*values, len(self._new_actors), self.id)

    @property
    def row_key(self) -> RowKey:
        """The key of the notification."""
        return RowKey(self.latest.key.owner_id, self.id)

    @property
    def position(self) -> LogPosition:
        """The position of the latest fact."""
        return self._recorded.position

    def stream_event(self) -> StreamEvent:
        """Returns the event of the recipient's stream."""
        owner_id = self.latest.key.owner_id
        return self._recorded.stream_event(
            RowKey(owner_id, owner_id), StreamEventKind.NOTIFICATION_RECEIVED, self.row_key
        )


async def write_notifications(transaction: Queries, created: Sequence[Told], grown: Sequence[Told]) -> None:
    """Inserts new notifications, each as the latest one of its group, and adds facts to groups that grow."""
    await transaction.fetch_with_rows(_ADD, _NOTIFICATION, [told.row() for told in created])
    groups = [(*told.latest.group, told.id, told.latest.occurred_at) for told in created if told.latest.group]
    await transaction.fetch_with_rows(_PUT_GROUPS, _GROUP, sorted(groups))
    await transaction.fetch_with_rows(_GROW, _NOTIFICATION, [told.row() for told in grown])
