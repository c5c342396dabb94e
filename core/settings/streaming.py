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
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Maximum concurrent operations of one WebSocket. One more ends with RATE_LIMITED.",
        ),
    ] = 100
    user_connections: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="Maximum open WebSockets and subscriptions over HTTP of one user in one process. Processes do "
            "not share these counts, so a user can have this number in each. Beyond it WebSockets are closed with "
            "1013, and subscriptions over HTTP fail with RATE_LIMITED.",
        ),
    ] = 100
    address_connections: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="The same for one client address (IPv6: the /64 network) in one process. Many users of a "
            "mobile network share an address. Behind a proxy, set `BFF_TRUSTED_PROXIES`.",
        ),
    ] = 10_000
    heartbeat_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=300,
            description="Interval of pings on a WebSocket and of heartbeats on an HTTP stream, in seconds. A stream "
            "that has sent an event within the interval gets its heartbeat after the next one. Set it below half of "
            "the idle timeout of every proxy.",
        ),
    ] = 20.0
