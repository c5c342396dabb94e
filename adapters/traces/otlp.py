"""Exports spans by OTLP over HTTP, in batches, with the batch processor of OpenTelemetry's SDK.

The spans and their encoding are ours: those of the SDK take several times as long (docs/decisions/0030-traces.md).
"""

import asyncio
import logging
import os
import time
import weakref
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from threading import Thread

import httpx2
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanKind, TraceFlags
from opentelemetry.trace import SpanContext as ApiSpanContext
from opentelemetry.trace.span import TraceState
from opentelemetry.trace.status import Status, StatusCode

from adapters.traces.encoding import Encoder
from core.tracing import DROP_REASONS, Span, SpanContext, SpanSink

logger = logging.getLogger(__name__)

DISTRIBUTION = "graphql-mobile-bff"
MAX_WAITING = 4096
"""Maximum spans that wait in a process. Further ones are dropped."""

BATCH = 512
INTERVAL_SECONDS = 2.0
"""Seconds from one export to the next, if no batch is full."""

EXPORT_SECONDS = 5.0
"""Maximum seconds without progress of an export."""

CLOSE_SECONDS = 3.0
"""Maximum seconds in which waiting spans are exported when the process stops."""

_LOG_INTERVAL_SECONDS = 60.0
_OK = 200
_PROTOBUF = {"content-type": "application/x-protobuf", "accept-encoding": "identity"}
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_KINDS = tuple(SpanKind)
_UNSET, _ERROR, _NO_STATE = Status(StatusCode.UNSET), Status(StatusCode.ERROR), TraceState()
_QUEUE, _EXPORT = DROP_REASONS
_RESOURCE = Resource.get_empty()
"""The resource of spans, which the exporter replaces by that of the process."""


class OtlpSink(SpanSink):
    """Exports batches on a thread of its own. Without the collector, spans are dropped and counted.

    The environment variable `OTEL_RESOURCE_ATTRIBUTES` adds attributes to the resource, because the SDK reads it.
    """

    def __init__(self, url: str, service: str, environment: str) -> None:
        super().__init__()
        release = version(DISTRIBUTION)
        resource = Resource.create(
            {"service.name": service, "service.version": release, "deployment.environment.name": environment}
        )
        self._exporter = _Exporter(self, url, Encoder(resource.attributes, DISTRIBUTION, release))
        self._processor = BatchSpanProcessor(
            self._exporter,
            max_queue_size=2 * max(MAX_WAITING, BATCH),  # never reached, since it logs each span that it drops
            schedule_delay_millis=INTERVAL_SECONDS * 1000,
            max_export_batch_size=BATCH,
        )
        self._emitted = 0
        forget = weakref.WeakMethod(self._forget)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())

    def emit(self, span: Span) -> None:
        if self._exporter.is_closed or self._emitted - self._exporter.taken >= MAX_WAITING:
            self.dropped[_QUEUE] += 1
            return
        self._emitted += 1
        self._processor.on_end(self._readable(span))

    def flush(self) -> None:
        """Exports the spans that wait, in the calling thread."""
        self._processor.force_flush()

    async def close(self) -> None:
        closing = Thread(target=self._processor.shutdown, name="close traces", daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, CLOSE_SECONDS)
        self._exporter.shutdown()
        if waiting := self._emitted - self._exporter.taken:
            logger.warning("traces were not sent", extra={"spans": waiting})

    def _forget(self) -> None:
        """Forgets in a forked process what waited in its parent: the processor does so, too."""
        self._emitted = self._exporter.taken

    def _readable(self, span: Span) -> ReadableSpan:
        trace = span.trace
        state = _read_state(trace.state) if trace.state else _NO_STATE
        parent = None
        if span.parent_id is not None:
            parent = ApiSpanContext(trace.id, span.parent_id, span.parent_is_remote, _SAMPLED, state)
        if span.error is not None:
            span.attributes["error.type"] = span.error
        return ReadableSpan(
            span.name,
            ApiSpanContext(trace.id, span.id, is_remote=False, trace_flags=_SAMPLED, trace_state=state),
            parent,
            _RESOURCE,
            span.attributes,
            links=[_link(context) for context in span.links],
            kind=_KINDS[span.kind],
            status=_UNSET if span.error is None else _ERROR,
            start_time=span.started_at,
            end_time=span.ended_at,
        )


@lru_cache(maxsize=256)
def _read_state(header: str) -> TraceState:
    return TraceState.from_header([header])


def _link(context: SpanContext) -> Link:
    return Link(ApiSpanContext(context.trace_id, context.span_id, is_remote=True, trace_flags=_SAMPLED))


class _Exporter(SpanExporter):
    """Posts batches, and counts them. Logs failures at most once a minute, without the address."""

    def __init__(self, sink: SpanSink, url: str, encoder: Encoder) -> None:
        self._sink = sink
        self._url = url
        self._encoder = encoder
        self._http = httpx2.Client(timeout=EXPORT_SECONDS, headers=_PROTOBUF)
        self._logged_at = -_LOG_INTERVAL_SECONDS
        self.taken = 0
        """The number of spans that no longer wait."""
        self.is_closed = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.taken += len(spans)
        reason = "the exporter is closed" if self.is_closed else self._post(self._encoder.encode(spans))
        if not reason:
            self._sink.sent += len(spans)
            return SpanExportResult.SUCCESS
        self._sink.dropped[_EXPORT] += len(spans)
        self._log(reason)
        return SpanExportResult.FAILURE

    def shutdown(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._http.close()

    def force_flush(self, timeout_millis: int = 30000) -> bool:  # noqa: ARG002 - of the interface
        return True

    def _post(self, body: bytes) -> str:
        """Returns an empty text, or the reason why the collector has not accepted a batch."""
        try:
            try:
                status = self._http.post(self._url, content=body).status_code
            except httpx2.RemoteProtocolError:  # it has closed an idle connection, which is noticed only now
                status = self._http.post(self._url, content=body).status_code
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, RuntimeError) as error:  # RuntimeError: it was closed
            return type(error).__name__
        return "" if status == _OK else f"status {status}"

    def _log(self, reason: str) -> None:
        now = time.monotonic()
        if now - self._logged_at >= _LOG_INTERVAL_SECONDS:
            self._logged_at = now
            logger.warning(
                "the collector of traces accepts no spans: %s", reason, extra={"dropped": self._sink.dropped}
            )
