"""Counts HTTP requests."""

_CLASSES = ("none", "1xx", "2xx", "3xx", "4xx", "5xx")
"""Classes of status codes. `none` stands for requests whose client disconnected before the response."""


class HttpStatistics:
    """Counts HTTP requests of all paths by the class of their status, and those that run."""

    __slots__ = ("_classes", "running")

    def __init__(self) -> None:
        self.running = 0
        """Requests that have begun and not ended, HTTP streams of subscriptions included."""
        self._classes = [0] * len(_CLASSES)

    def count(self, status: int) -> None:
        """Counts a request that ends. The status is 0 if no response was sent."""
        self.running -= 1
        self._classes[status // 100] += 1

    def by_class(self) -> list[tuple[str, int]]:
        """Returns the number of requests of each class."""
        return list(zip(_CLASSES, self._classes, strict=True))
