"""Settings of subscriptions: WebSockets and HTTP streaming."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class StreamingSettings(Area):
    """Limits of connections that stay open."""

    title: ClassVar[str] = "WebSockets and streaming"

    socket_init_seconds: Annotated[
        float, Meta(gt=0, le=300, description="Maximum seconds between opening a WebSocket and `connection_init`.")
    ] = 10.0
    socket_operations: Annotated[
        int, Meta(ge=1, le=10_000, description="Maximum concurrent operations of one WebSocket.")
    ] = 100
    heartbeat_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=300,
            description="The server sends a heartbeat on a WebSocket or HTTP stream after this many seconds without a "
            "message. Set it below the idle timeout of every proxy.",
        ),
    ] = 20.0
