"""The HTTP client of external servers, with spans."""

from typing import Any

import httpx2

from core.tracing import SpanKind, outgoing_headers, recording_span

_ERROR = 400


class HttpClient(httpx2.AsyncClient):
    """Sends the trace context with requests that are traced. They have a span, without path and query.

    Paths contain tokens of devices and ids of charges.
    """

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        parent = recording_span()
        if parent is None:
            return await super().send(request, **options)
        host, port = request.url.host, request.url.port
        attributes = {"http.request.method": request.method, "server.address": host}
        with parent.child(request.method, SpanKind.CLIENT, {**attributes}) as span:
            if port is not None:
                span.attributes["server.port"] = port
            request.headers.update(outgoing_headers(span.context))
            response = await super().send(request, **options)
            span.attributes["http.response.status_code"] = response.status_code
            if response.status_code >= _ERROR:
                span.error = str(response.status_code)
            return response
