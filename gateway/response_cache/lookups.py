"""Requests that a stored response may answer."""

from typing import NamedTuple

from adapters.response_store import ResponseStore
from core.errors import Unauthenticated
from gateway.callers.caller import Caller
from gateway.execution.operation import Operation
from gateway.response_cache.entries import Entry
from gateway.response_cache.keys import EVERYONE, Recipient, ResponseKeys, recipient_of
from gateway.response_cache.stored_operations import StoredOperation, StoredOperations
from services.resources import Resources

OFF = "the cache is off"
NO_STORE = "the store does not answer"
NOT_STORABLE = "its policy is NONE"
REPORTS_COST = "the request asks for its cost"


class Lookup(NamedTuple):
    """A request, with the key of its response and the policy of its operation."""

    operation: Operation
    stored: StoredOperation
    caller: Caller
    recipient: Recipient
    resources: Resources
    store: ResponseStore
    key: str
    coding: str

    @property
    def is_usable(self) -> bool:
        """Returns whether the store answers at the moment."""
        return self.store.is_available

    @property
    def is_for_everyone(self) -> bool:
        """Returns whether requests without a signed-in user share the response."""
        return self.recipient == EVERYONE

    def is_current(self, entry: Entry) -> bool:
        """Returns whether nothing in a response has changed, as far as this process has read the announcements."""
        return self.current(entry) is not None

    def current(self, entry: Entry) -> Entry | None:
        """Returns the response, or None if something in it has changed.

        If nothing has moved at all, the response has the present position: it shows what it would show now, so its tags
        need not be compared with the same moves again.
        """
        tail = self.store.tail
        if tail.is_unchanged_since(entry.position):
            return entry
        tags, counts = entry.tags.decode().split(), entry.counts.decode().split()
        if tail.is_current(entry.position, [*tags, *counts]):
            return entry._replace(position=tail.position)
        max_stale = (self.stored.max_stale or 0) * 1000
        if counts and tail.is_current(entry.position, tags, counts, max_stale, self.milliseconds()):
            return entry
        return None

    def age(self, entry: Entry) -> int:
        """Returns the seconds since a response was executed."""
        return max(0, self.milliseconds() - entry.stored_at) // 1000

    def milliseconds(self) -> int:
        """Returns the time in milliseconds since 1970."""
        return int(self.resources.timestamp() * 1000)


class Bypass(NamedTuple):
    """A request that no stored response can answer, and the reason."""

    operation: Operation
    caller: Caller
    resources: Resources
    reason: str

    @property
    def is_permanent(self) -> bool:
        """Returns whether the same holds for equal requests of all callers."""
        return self.reason in {OFF, NOT_STORABLE}


class Lookups:
    """Decides which requests a stored response may answer."""

    def __init__(self, operations: StoredOperations, keys: ResponseKeys, *, is_on: bool) -> None:
        self._operations = operations
        self._keys = keys
        self._is_on = is_on

    def of(self, operation: Operation, caller: Caller, resources: Resources, coding: str) -> Lookup | Bypass:
        """Returns the look-up of a request. `coding` is a content coding that the client prefers, or an empty text."""
        store = resources.responses
        if store is None or not self._is_on:
            return Bypass(operation, caller, resources, OFF)
        if operation.reports_cost:
            return Bypass(operation, caller, resources, REPORTS_COST)
        stored = self._operations.get(operation)
        reason = _reason_against(stored, caller)
        if reason is None and not store.is_available:
            reason = NO_STORE
        if reason is not None or isinstance(caller.viewer, Unauthenticated):
            return Bypass(operation, caller, resources, reason or "")
        recipient = recipient_of(caller.viewer)
        language = caller.language if stored.is_localized else ""
        key = self._keys.key(operation, stored.variables, recipient, coding, language)
        if key is None:
            return Bypass(operation, caller, resources, "a variable has no canonical form")
        # Equal requests may come from different addresses, and queries do not use them.
        return Lookup(operation, stored, caller._replace(address=""), recipient, resources, store, key, coding)


def _reason_against(stored: StoredOperation, caller: Caller) -> str | None:
    if not stored.max_age:
        return NOT_STORABLE
    if isinstance(caller.viewer, Unauthenticated):
        return "the access token is invalid"
    if recipient_of(caller.viewer) == EVERYONE and not stored.is_public:
        return "its policy is VIEWER, and no user is signed in"
    return None
