"""Counts refusals, for metrics."""

from collections import Counter

from schema.rates import RateClass


class RateUsage:
    """The refusals of this process, by class of operation and kind of bucket."""

    def __init__(self) -> None:
        self.refused = Counter[tuple[RateClass, str]]()
