"""Settings of logs, metrics and usage counts."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class ObservabilitySettings(Area):
    """The format of logs, the metrics endpoint, and usage counts of the schema."""

    title: ClassVar[str] = "Observability"

    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Meta(description="Minimum severity of logged records.")
    ] = "INFO"
    log_format: Annotated[
        Literal["auto", "json", "text"],
        Meta(
            description="Format of the log. `json` is one object per line, `text` is readable lines, `auto` is `json` "
            "in production and `text` otherwise."
        ),
    ] = "auto"
    metrics: Annotated[
        bool,
        Meta(description="Whether the server serves `/metrics` for Prometheus. Block the path at the proxy."),
    ] = False
    metrics_operations: Annotated[
        Literal["auto", "registered", "sent"],
        Meta(
            description="Names of operations in metrics. `registered`: those of registered documents; `sent`: the "
            "first 200 names that clients send, whatever they are. All others are counted as `(others)`. `auto` is "
            "`sent` in development and `registered` otherwise."
        ),
    ] = "auto"
    slow_seconds: Annotated[
        float,
        Meta(
            ge=0,
            le=3600,
            description="Seconds from which an execution is logged as a slow operation, with the times of its levels. "
            "With 0, none is logged.",
        ),
    ] = 0.0
    worker_metrics_port: Annotated[
        int,
        Meta(
            ge=0,
            le=65535,
            description="Port of `BFF_HOST` at which `bff worker` serves `/metrics` for Prometheus. 0: it serves none. "
            "Each worker of a machine needs a port of its own, which users must not reach.",
        ),
    ] = 0
    usage: Annotated[
        Literal["on", "off"],
        Meta(description="Whether the server counts which fields of the schema each version of each app uses."),
    ] = "on"
    usage_seconds: Annotated[
        float, Meta(gt=0, le=3600, description="Maximum seconds before usage counts are written to the database.")
    ] = 30.0
    usage_days: Annotated[int, Meta(ge=1, le=400, description="Retention of usage counts, in days.")] = 180
