"""Spans of operations, on any transport."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from core.tracing import Attributes, Span, SpanKind, Tracer, current_span
from gateway.request_facts import RequestFacts, request_facts

MAX_NAME = 200
"""Maximum characters of the name of an operation, which clients choose. It is an attribute, and no name of a span."""

_SOCKET = "graphql-transport-ws subscribe"


def operation_span(parent: Span, kind: str, name: str) -> Span:
    """Returns the span of an execution within a request."""
    return parent.child(kind, SpanKind.INTERNAL, operation_attributes(kind, name))


def span_of_execution(kind: str, name: str) -> AbstractContextManager[Span | None]:
    """Returns the span of an execution, or a block without a span if the request is not sampled."""
    parent = current_span.get()
    return nullcontext() if parent is None else operation_span(parent, kind, name)


def operation_attributes(kind: str, name: str) -> Attributes:
    attributes: Attributes = {"graphql.operation.type": kind}
    if name:
        attributes["graphql.operation.name"] = name[:MAX_NAME]
    return attributes


def note_errors(span: Span, response: Mapping[str, Any]) -> None:
    """Marks the span of an execution as failed if its response has errors. The first code is the type of the error."""
    if errors := response.get("errors"):
        span.error = errors[0].get("extensions", {}).get("code", "GRAPHQL_ERROR")


def note_part_errors(span: Span | None, part: Mapping[str, Any]) -> None:
    """Marks the span of an execution as failed if a part of its response has errors. The first part with some counts.

    The part has the format of `format_parts`, or is a response in one piece.
    """
    for result in (part, *part.get("incremental", ()), *part.get("completed", ())):
        if span is not None and span.error is None:
            note_errors(span, result)


def name_operation(attributes: Attributes, facts: RequestFacts) -> None:
    """Adds what the log line of a request contains too: operation, app, version and codes of errors."""
    if facts.operation:
        attributes["graphql.operation.name"] = facts.operation[:MAX_NAME]
    if facts.client.app:
        attributes["bff.client.app"] = facts.client.app
    if facts.client.version:
        attributes["bff.client.version"] = facts.client.version
    if facts.errors:
        attributes["bff.error.codes"] = list(facts.errors)


async def trace_socket_operation(tracer: Tracer, run: Callable[[], Awaitable[None]]) -> None:
    """Runs an operation of a WebSocket. If it is sampled, it has a span, until a subscription waits for events."""
    span = tracer.start(_SOCKET, SpanKind.SERVER, {"network.protocol.name": "websocket"})
    if span is None:
        await run()
        return
    with span:
        await run()
        if (facts := request_facts.get()) is not None:
            name_operation(span.attributes, facts)
            span.error = facts.errors[0] if facts.errors else None
