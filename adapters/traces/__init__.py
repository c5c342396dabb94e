"""The exporter of traces, which sends spans to an OpenTelemetry collector."""

from adapters.traces.engines import open_tracer

__all__ = ["open_tracer"]
