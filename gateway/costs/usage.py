"""Counts the costs of operations, for metrics."""

_MAX_OPERATIONS = 1000
_OTHERS = "(others)"


class CostUsage:
    """Adds up costs. `largest` is the largest requested cost by operation, also of rejected ones.

    Names beyond a maximum are counted together, because clients choose them.
    """

    def __init__(self) -> None:
        self.requested = 0
        self.actual = 0
        self.rejected = 0
        self.largest: dict[str, int] = {}

    def note(self, operation: str, requested: int) -> None:
        """Notes what an operation may cost, before it is executed or rejected."""
        if requested > self.largest.get(operation, -1):
            if operation not in self.largest and len(self.largest) >= _MAX_OPERATIONS:
                operation = _OTHERS
            self.largest[operation] = max(requested, self.largest.get(operation, 0))

    def count(self, requested: int, actual: int) -> None:
        """Counts an execution."""
        self.requested += requested
        self.actual += actual
