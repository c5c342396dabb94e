"""Recognizes requests that were sent before, byte for byte, so that they need no parsing."""

from collections import OrderedDict
from typing import NamedTuple

from starlette.types import Scope

from core.errors import Unauthenticated
from gateway.callers.clients import CLIENT_HEADERS
from gateway.http.headers import first_values
from gateway.response_cache.lookups import Lookup

_MAX_REQUESTS = 4096
_MAX_BODIES = 512
_MAX_BODY_BYTES = 8 * 1024
_MAX_LENGTH_DIGITS = 4
_MAX_HEADER_BYTES = 4 * 1024

_HEADERS = (
    b"authorization",
    b"accept",
    b"accept-encoding",
    b"content-encoding",
    b"content-type",
    b"user-agent",
    *CLIENT_HEADERS,
)
"""All headers that decide how a request by POST is read, and which response answers it."""

RequestKey = tuple[bytes | None, ...]
"""The body of a request, and the values of `_HEADERS`."""


class _Known(NamedTuple):
    lookup: Lookup
    revision: int | None
    """The revision of the registered documents, which decides whether the document may be executed."""


class RepeatedRequests:
    """Finds the look-ups of the last requests by POST. Apps send the same bytes each time they open a screen."""

    def __init__(self, *, has_texts: bool) -> None:
        self.has_texts = has_texts
        """Whether requests with the text of a document are recognized. Those that are to be reported are not."""
        self._known = OrderedDict[RequestKey, _Known]()
        self._bodies: dict[bytes, bytes] = {}
        """One object for equal bodies, which most users of an app send."""

    def __len__(self) -> int:
        return len(self._known)

    def find(self, key: RequestKey) -> Lookup | None:
        """Returns the look-up of an equal request, if its access token is still valid and its document registered."""
        known = self._known.get(key)
        if known is None:
            return None
        lookup = known.lookup
        if known.revision == lookup.resources.documents.revision and lookup.store.is_available and _is_valid(lookup):
            self._known.move_to_end(key)
            return lookup
        del self._known[key]
        return None

    def remember(self, key: RequestKey, lookup: Lookup) -> None:
        """Remembers the look-up of a request."""
        body, *values = key
        assert body is not None  # noqa: S101 - the first item of a key
        if len(body) > _MAX_BODY_BYTES or sum(len(value) for value in values if value) > _MAX_HEADER_BYTES:
            return
        if len(self._bodies) >= _MAX_BODIES:
            self._bodies.clear()
        self._known[self._bodies.setdefault(body, body), *values] = _Known(lookup, lookup.resources.documents.revision)
        if len(self._known) > _MAX_REQUESTS:
            self._known.popitem(last=False)


def may_be_repeated(scope: Scope) -> bool:
    """Returns whether the body of a request is short. Long bodies are checked before they are received."""
    length = first_values(scope).get(b"content-length")
    return length is not None and len(length) <= _MAX_LENGTH_DIGITS


def request_key(scope: Scope, body: bytes) -> RequestKey:
    """Returns what two requests by POST have in common if they are answered alike."""
    value = first_values(scope).get
    return (body, *[value(name) for name in _HEADERS])


def _is_valid(lookup: Lookup) -> bool:
    session = lookup.caller.session
    if session is None:
        return True
    try:
        lookup.resources.access_tokens.check(session)
    except Unauthenticated:
        return False
    return True
