"""Declares what mutations count as for the limits on rates.

A query, and a subscription, counts as a read, and a mutation as a write unless its field declares a class.
"""

from collections.abc import Mapping
from enum import IntEnum

RATE_CLASS = "rate_class"
"""The key of a field's metadata."""


class RateClass(IntEnum):
    """The classes of operations. An operation counts as the greatest class of its fields."""

    READS = 0
    WRITES = 1
    SIGN_IN = 2
    MONEY = 3

    @property
    def label(self) -> str:
        """The name in headers and metrics."""
        return self.name.lower().replace("_", "-")


def counts_as(rate_class: RateClass) -> Mapping[str, RateClass]:
    """Returns the metadata of a mutation of a class."""
    return {RATE_CLASS: rate_class}
