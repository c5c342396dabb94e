"""Opens the exporter of traces."""

from core.errors import SettingsError
from core.settings import Settings
from core.tracing import Tracer

PACKAGES = ("opentelemetry-proto>=1.45,<2", "opentelemetry-sdk>=1.45,<2")
"""The requirements of the extra `otel`."""


def open_tracer(settings: Settings) -> Tracer | None:
    """Returns the tracer of `settings.otel`, or None if it is empty. Its exporter connects when there are spans.

    Raises `SettingsError` if the packages of the extra are not installed.
    """
    if not settings.otel:
        return None
    try:
        from adapters.traces.otlp import OtlpSink  # noqa: PLC0415 - packages of an extra, which may not be installed
    except ImportError as error:
        wanted = " ".join(f"'{package}'" for package in PACKAGES)
        raise SettingsError(f"BFF_OTEL: {error}; install the extra otel: pip install {wanted}") from error
    return Tracer(settings.otel_sample, OtlpSink(settings.traces_url, settings.otel_service, settings.env))
