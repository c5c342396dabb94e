"""Counts how responses came about, for metrics."""

from collections import Counter

from core.tracing import current_span

_MAX_OPERATIONS = 1000
_OTHERS = "(others)"


class CacheUsage:
    """Counts outcomes by operation. Names beyond a maximum are counted together, because clients choose them."""

    def __init__(self) -> None:
        self.counts = Counter[tuple[str, str]]()
        self._names = set[str]()

    def count(self, operation: str, outcome: str) -> None:
        """Counts a response, and notes its outcome in the trace of the current request."""
        if (span := current_span.get()) is not None:
            span.attributes["bff.cache.result"] = outcome
        if operation not in self._names:
            if len(self._names) >= _MAX_OPERATIONS:
                operation = _OTHERS
            self._names.add(operation)
        self.counts[operation, outcome] += 1
