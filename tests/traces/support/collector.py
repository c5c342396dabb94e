"""An OpenTelemetry collector on a socket, which decodes what it receives."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.asgi_server import serving_asgi

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
"""The kinds of spans in the protocol."""


class Received(NamedTuple):
    """A span that the collector has received. `links` are ids of traces and spans."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    state: str
    attributes: dict[str, Any]
    links: list[tuple[str, str]]
    failed: bool
    nanoseconds: int


class Collector:
    """Stores spans, and answers with `status`. While `is_hanging`, it does not answer."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Received] = []
        self.resource: dict[str, Any] = {}
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.is_hanging = False
        self.stopped = asyncio.Event()

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        self.headers.append(dict(request.headers))
        if self.is_hanging:
            await self.stopped.wait()
        if self.status == 200:
            self._store(ExportTraceServiceRequest.FromString(body))
        return Response(status_code=self.status)

    def named(self, name: str) -> Received:
        """Returns the only span of this name."""
        (span,) = [span for span in self.spans if span.name == name]
        return span

    def tree(self, parent_id: str = "") -> list[Any]:
        """Returns the names of the spans below a parent, sorted: a name, or a name and those below it."""
        below = sorted(span for span in self.spans if span.parent_id == parent_id)
        named = [(span.name, self.tree(span.span_id)) for span in below]
        return [(name, spans) if spans else name for name, spans in named]

    def _store(self, export: ExportTraceServiceRequest) -> None:
        for resource in export.resource_spans:
            self.resource = _values(resource.resource.attributes)
            for scope in resource.scope_spans:
                for span in scope.spans:
                    received = Received(
                        span.name,
                        span.kind,
                        span.trace_id.hex(),
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        span.trace_state,
                        _values(span.attributes),
                        [(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
                        span.status.code == 2,
                        span.end_time_unix_nano - span.start_time_unix_nano,
                    )
                    self.spans.append(received)


def _values(attributes: Sequence[KeyValue]) -> dict[str, Any]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    assert kind is not None
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    return getattr(value, kind)


@asynccontextmanager
async def collecting() -> AsyncGenerator[Collector]:
    """Yields a collector that listens."""
    made = Collector()
    app = Starlette(routes=[Route("/v1/traces", made.receive, methods=["POST"])])
    async with serving_asgi(app) as address:
        made.url = f"http://{address}"
        try:
            yield made
        finally:
            made.stopped.set()
