"""Counts rejections, for metrics."""

from collections import Counter

from schema.rates import RateClass


class RateUsage:
    """The rejections of this process, by class of operation and kind of bucket."""

    def __init__(self) -> None:
        self.rejected = Counter[tuple[RateClass, str]]()
