"""Settings of traces."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from msgspec import Meta

from core.errors import SettingsError
from core.settings.area import Area

_EXAMPLE = "use a URL such as http://collector:4318, without user, query and fragment"


@dataclass(frozen=True, kw_only=True, repr=False)
class TraceSettings(Area):
    """The collector of traces, and the share of requests that are traced."""

    title: ClassVar[str] = "Traces"

    otel: Annotated[
        str,
        Meta(
            description="Address of an OpenTelemetry collector, such as `http://collector:4318`, which receives "
            "[traces](traces.md) by OTLP over HTTP at `/v1/traces` below it. It needs the extra `otel`. When empty, "
            "nothing is traced."
        ),
    ] = ""
    otel_sample: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="Share of requests, jobs and batches that are traced. A request of a trusted proxy with the "
            "header `traceparent` is traced if that says so.",
        ),
    ] = 0.1
    otel_service: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z", description="Name of the service in traces: `service.name`."
        ),
    ] = "bff"

    def check(self) -> None:
        """Raises `SettingsError` if the collector's address is not a URL."""
        if not self.otel:
            return
        try:
            parts = urlsplit(self.otel)
            valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            valid, parts = False, urlsplit("")
        is_plain = self.otel.isascii() and self.otel.isprintable() and not set(self.otel) & set(" ?#")
        if not valid or not is_plain or "@" in parts.netloc:
            raise SettingsError(f"BFF_OTEL: {_EXAMPLE}")

    @property
    def traces_url(self) -> str:
        """The URL to which traces are posted."""
        return f"{self.otel.rstrip('/')}/v1/traces"
