"""Settings of the event log, the relay and event streams."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class EventLogSettings(Area):
    """Retention of events, and the backoff of the relay."""

    title: ClassVar[str] = "Event log"

    log_days: Annotated[
        int, Meta(ge=1, le=400, description="Retention of events in days, counted from their projection.")
    ] = 30
    dead_days: Annotated[
        int, Meta(ge=1, le=400, description="Retention of dead letters (events and jobs), in days.")
    ] = 90
    stream_days: Annotated[
        int,
        Meta(ge=1, le=400, description="Retention of event streams in days. A client can resume within this time."),
    ] = 30
    relay_alarm_seconds: Annotated[
        float,
        Meta(
            gt=0, le=86400, description="Age in seconds at which an event that is not projected is logged as an error."
        ),
    ] = 30.0
    relay_patience: Annotated[
        float,
        Meta(
            ge=1,
            le=86400,
            description="Maximum total pause in seconds for an event on which the database is too slow. The relay "
            "tries again after 1 s, 2 s, 4 s and so on up to 60 s, while the partition of the event waits. After the "
            "total, the event is a dead letter: `bff events dead` lists it, `bff events replay` projects it later.",
        ),
    ] = 600.0
