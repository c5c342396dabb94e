"""Recognizes requests that were sent before, byte for byte, so that they need no parsing."""

from collections import Counter, OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from starlette.types import Scope

from gateway.callers.clients import CLIENT_HEADERS
from gateway.execution.operation import Operation
from gateway.http.headers import first_values
from gateway.overload.prefetch import PREFETCH_HEADERS
from gateway.response_cache.lookups import Lookup
from services.resources import Resources

MAX_BYTES = 16 * 1024 * 1024
"""Approximate bytes of all requests, without their documents."""

MAX_OBJECTS = 200_000
"""Objects of all documents: about 50 MiB. The cache of documents may have dropped them."""

MAX_REQUEST_BYTES = 16 * 1024
_MAX_BODIES = 512
_MAX_LENGTH_DIGITS = 4
_OVERHEAD, _OF_VALUE = 1500, 120
"""Approximate bytes of a look-up, and of a value of a variable."""

_AUTHORIZATION = b"authorization"
_HEADERS = (
    b"accept",
    b"accept-encoding",
    b"accept-language",
    b"content-encoding",
    b"content-type",
    b"user-agent",
    *CLIENT_HEADERS,
    *PREFETCH_HEADERS,
)
"""All other headers that decide how a request by POST is read and executed, and which response answers it."""

OperationKey = tuple[bytes, tuple[bytes | None, ...]]
"""The body of a request, and the values of `_HEADERS`."""
RequestKey = tuple[bytes | None, bytes, tuple[bytes | None, ...]]
"""The header Authorization of a request, and its `OperationKey`."""


class KnownOperation(NamedTuple):
    """The operation of equal requests with any access token.

    `coding` is the content coding of their stored responses. `reason` says why no stored response can answer any of
    them. It is empty if one may.
    """

    operation: Operation
    resources: Resources
    coding: str
    reason: str


class _Known(NamedTuple):
    what: Lookup | KnownOperation
    revision: int | None
    """The revision of the registered documents, which decides whether the document may be executed."""
    bytes: int


class RepeatedRequests:
    """Finds the operations and look-ups of the last requests by POST.

    Apps send the same bytes each time they open a screen, and many users of an app send equal bodies.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, max_objects: int = MAX_OBJECTS) -> None:
        self._known = OrderedDict[RequestKey | OperationKey, _Known]()
        self._bodies: dict[bytes, bytes] = {}
        """One object for equal bodies, which most users of an app send."""
        self._remaining_bytes = max_bytes
        self._remaining_objects = max_objects
        self._uses = Counter[int]()
        """The number of requests with each document, by the id of the object."""

    def __len__(self) -> int:
        return len(self._known)

    def operation(self, key: RequestKey) -> KnownOperation | None:
        """Returns the operation of requests that are equal apart from their access token, if it may be executed."""
        found = self._find(key[1:])
        return found if isinstance(found, KnownOperation) else None

    def lookup(self, key: RequestKey) -> Lookup | None:
        """Returns the look-up of an equal request, if its access token is still valid and its document registered."""
        found = self._find(key)
        return found if isinstance(found, Lookup) else None

    def _find(self, key: RequestKey | OperationKey) -> Lookup | KnownOperation | None:
        known = self._known.get(key)
        if known is None:
            return None
        if known.revision == known.what.resources.documents.revision and _is_valid(known.what):
            self._known.move_to_end(key)
            return known.what
        self._release(self._known.pop(key))
        return None

    def remember(self, key: RequestKey, what: Lookup | KnownOperation) -> None:
        """Remembers the look-up of a request, or the operation of all requests that differ in their access token only.

        What is large is not remembered, and others are forgotten if all take too much memory.
        """
        (authorization, body, others), is_of_all = key, isinstance(what, KnownOperation)
        values = [value for value in (None if is_of_all else authorization, body, *others) if value]
        size = _OVERHEAD + sum(map(len, values)) + _OF_VALUE * _values(what.operation.variables)
        if size > MAX_REQUEST_BYTES or (key[1:] if is_of_all else key) in self._known:
            return
        if len(self._bodies) >= _MAX_BODIES:
            self._bodies.clear()
        body = self._bodies.setdefault(body, body)
        known = _Known(what, what.resources.documents.revision, size)
        self._known[(body, others) if is_of_all else (authorization, body, others)] = known
        self._hold(known)
        while self._known and (self._remaining_bytes < 0 or self._remaining_objects < 0):
            self._release(self._known.popitem(last=False)[1])

    def _hold(self, known: _Known) -> None:
        document = known.what.operation.document
        self._remaining_bytes -= known.bytes
        if not self._uses[id(document)]:
            self._remaining_objects -= document.objects
        self._uses[id(document)] += 1

    def _release(self, known: _Known) -> None:
        document = known.what.operation.document
        self._remaining_bytes += known.bytes
        self._uses[id(document)] -= 1
        if not self._uses[id(document)]:
            del self._uses[id(document)]
            self._remaining_objects += document.objects


def may_be_repeated(scope: Scope) -> bool:
    """Returns whether the body of a request is short. Long bodies are checked before they are received."""
    length = first_values(scope).get(b"content-length")
    return length is not None and len(length) <= _MAX_LENGTH_DIGITS


def request_key(scope: Scope, body: bytes) -> RequestKey:
    """Returns what two requests by POST have in common if they are answered alike."""
    value = first_values(scope).get
    return value(_AUTHORIZATION), body, tuple([value(name) for name in _HEADERS])


def _values(value: Any) -> int:
    """Returns the number of values in the values of variables."""
    if isinstance(value, Mapping):
        value = list(cast("Mapping[str, Any]", value).values())
    return 1 + sum(map(_values, cast("list[Any]", value))) if isinstance(value, list) else 1


def _is_valid(known: Lookup | KnownOperation) -> bool:
    if isinstance(known, KnownOperation):
        return True
    session, resources = known.caller.session, known.resources
    return known.is_usable and (session is None or resources.access_tokens.is_valid(session, resources.timestamp()))
