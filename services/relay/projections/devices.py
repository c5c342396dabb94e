"""Projects ended sessions into the event streams of their users, so that an app learns which device was signed out."""

from collections.abc import Iterable

from events import Event, SessionEnded
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.relay.projections.recorded_event import RecordedEvent, of_type


def device_stream_events(events: Iterable[RecordedEvent[Event]]) -> list[StreamEvent]:
    """Returns one event for each device that was signed out."""
    result: list[StreamEvent] = []
    for recorded in of_type(events, SessionEnded):
        user_id, device_id = recorded.event.actor_id, recorded.event.device_id
        user, device = RowKey(user_id, user_id), RowKey(user_id, device_id)
        result.append(recorded.stream_event(user, StreamEventKind.DEVICE_REVOKED, device))
    return result
