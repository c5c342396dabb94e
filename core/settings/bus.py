"""Settings of the bus."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class BusSettings(Area):
    """The engine URL of the bus, and its channels."""

    title: ClassVar[str] = "Bus"

    bus_url: Annotated[
        str,
        Meta(
            description="Bus that wakes other processes: `postgres://…`, `redis://…`, `redis+cluster://…` (Redis 7 or "
            "later, channels spread over the nodes), or `memory://` for a single process. When empty, the bus is the "
            "PostgreSQL database; with SQLite it is `memory://`."
        ),
    ] = ""
    bus_name: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9-]{1,40}\Z",
            description="Prefix of the channels of the bus, for deployments that share a Redis or a database.",
        ),
    ] = "bff"
