"""Charges that no request waits for."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.buckets import Bucket, OnEmpty
from adapters.buckets.memory import MemoryBuckets
from core.client import UNKNOWN
from core.settings import Settings
from gateway.callers.caller import Caller
from gateway.rates import EventCharges
from gateway.rates.quotas import Quotas
from schema.rates import RateClass


class Charged(MemoryBuckets):
    """Records what is charged at once."""

    costs: Sequence[int] = ()

    def charge(self, charges: Sequence[tuple[Bucket, int]], on_empty: OnEmpty) -> None:
        self.costs = [cost for _, cost in charges]
        super().charge(charges, on_empty)


def ignore(_bucket: Bucket, _wait: int) -> None:
    """Ignores that a bucket has no room."""


def from_address(address: str) -> Caller:
    return Caller.create(None, address, UNKNOWN)


def test_the_addresses_of_one_network_pay_from_one_bucket() -> None:
    """Redis charges a bucket that is given twice only once."""
    quotas = Quotas.of(replace(Settings(), rate_reads="address=100,seconds=3600"))
    buckets, charges = Charged(), EventCharges(quotas, ignore)
    for address in ("2001:db8::1", "2001:db8::2", "192.0.2.1"):
        charges.add(from_address(address), 30)
    charges.flush(buckets)
    assert buckets.costs == [60, 30]
    caller = quotas.buckets_of(buckets, RateClass.READS, from_address("2001:db8::3"))
    assert caller is not None
    assert not buckets.take(caller.group, 41).admitted
    assert buckets.take(caller.group, 40).admitted
