"""Charges that no request waits for: events of subscriptions, and requests without a valid operation."""

from collections import Counter

from adapters.buckets import Bucket, Buckets, OnEmpty
from core.viewer import SignedIn
from gateway.callers.caller import Caller
from gateway.rates.quotas import Quotas


class EventCharges:
    """Adds up costs by user, or by client address without a user or a quota of users, until the next `flush`."""

    def __init__(self, quotas: Quotas, on_empty: OnEmpty) -> None:
        self._quotas = quotas
        self._on_empty = on_empty
        self._pending = Counter[int | str]()

    def add(self, caller: Caller, cost: int) -> None:
        """Adds a cost. An unknown address pays nothing, because all clients would share it."""
        viewer = caller.viewer
        payer = viewer.user_id if isinstance(viewer, SignedIn) and self._quotas.limits_users else caller.address
        if payer:
            self._pending[payer] += cost

    def flush(self, buckets: Buckets) -> None:
        """Takes what was added from the buckets, without waiting, also from those that have no room for it."""
        pending, self._pending = self._pending, Counter[int | str]()
        charges = Counter[Bucket]()
        for payer, cost in pending.items():
            if (bucket := self._bucket(payer)) is not None:
                charges[bucket] += cost  # the addresses of a network share one
        buckets.charge(list(charges.items()), self._on_empty)

    def _bucket(self, payer: int | str) -> Bucket | None:
        if isinstance(payer, int):
            return self._quotas.bucket_of_events(payer, "")
        return self._quotas.bucket_of_events(0, payer)
