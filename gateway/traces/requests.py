"""The span of an HTTP request."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from starlette.types import Scope

from core.networks import Network, read_networks
from core.settings import Settings
from core.tracing import Attributes, RemoteParent, Span, SpanKind, Tracer, read_parent
from gateway.request_facts import RequestFacts, request_facts
from gateway.traces.operations import name_operation

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"})
_OTHER = "_OTHER"
_PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Paths of monitoring, whose requests are not traced."""

_OK, _SERVER_ERROR = 200, 500
_KEY = "request_trace"
"""The key of a scope for the traces and the span of a request that is sampled."""


class RequestTraces:
    """Begins spans of sampled HTTP requests. A parent in their headers counts if they come from a trusted proxy.

    Other clients could have all of their requests traced. The spans contain neither addresses nor paths, because those
    of some routes contain secrets, and no headers.
    """

    def __init__(self, proxies: Sequence[Network], paths: Collection[str]) -> None:
        self.tracer: Tracer | None = None
        """The tracer while the application runs."""
        self._proxies = proxies
        self._paths = frozenset(paths)
        """Paths that the router does not see. Each is its own route."""
        self._trusts = lru_cache(maxsize=1024)(self._contains)

    @classmethod
    def of(cls, settings: Settings, paths: Collection[str]) -> "RequestTraces | None":
        """Returns the traces of requests, or None if the settings name no collector."""
        return cls(read_networks("BFF_TRUSTED_PROXIES", settings.trusted_proxies), paths) if settings.otel else None

    def begin(self, scope: Scope) -> Span | None:
        """Returns the span of a request, which is the current one from now on, or None if it is not sampled."""
        if (tracer := self.tracer) is None or scope["path"] in _PROBES:
            return None
        parent = self._parent(scope) if self._proxies else None
        span = tracer.start("HTTP", SpanKind.SERVER, {}, parent=parent)
        if span is None:
            return None
        scope[_KEY] = self, span
        return span.__enter__()

    def end(self, span: Span, scope: Scope, facts: RequestFacts, status: int) -> None:
        """Ends the span of a request, unless it has ended. A status of 0 means that no response began."""
        if not span.is_recording:
            return
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        route = self._route(scope)
        span.name = f"{method if method != _OTHER else 'HTTP'} {route}".strip()
        attributes: Attributes = {
            "http.request.method": method,
            "url.scheme": scope.get("scheme", "http"),
            "network.protocol.version": scope.get("http_version", "1.1"),
        }
        if route:
            attributes["http.route"] = route
        if status:
            attributes["http.response.status_code"] = status
        if not status:
            span.error = "no_response"
        elif status >= _SERVER_ERROR:
            span.error = str(status)
        name_operation(attributes, facts)
        span.attributes |= attributes
        span.__exit__(None, None, None)

    def _parent(self, scope: Scope) -> RemoteParent | None:
        """Returns the parent that a trusted proxy names. Of several headers `traceparent` none is valid."""
        headers = scope["headers"]
        parents = [value for name, value in headers if name == b"traceparent"]
        client = scope.get("client")
        if len(parents) != 1 or client is None or not self._trusts(client[0]):
            return None
        states = [value.decode("latin-1") for name, value in headers if name == b"tracestate"]
        return read_parent(parents[0].decode("latin-1"), ",".join(states))

    def _contains(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        parsed = (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed
        return any(parsed in network for network in self._proxies)

    def _route(self, scope: Scope) -> str:
        """Returns the pattern of the path, or an empty text if no route has it."""
        return scope["path"] if scope["path"] in self._paths else getattr(scope.get("route"), "path", "")


def end_at_stream(scope: Scope) -> None:
    """Ends the span of a request whose stream has begun, because that may be open for hours."""
    traced: tuple[RequestTraces, Span] | None = scope.get(_KEY)
    if traced is not None:
        traces, span = traced
        traces.end(span, scope, request_facts.get() or RequestFacts(), _OK)
