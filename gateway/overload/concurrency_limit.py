"""The number of executions that may run at the same time. It follows their latency."""

from math import sqrt

WINDOW_SECONDS = 0.1
"""The minimum time between two changes of the limit."""
MIN_SAMPLES = 10
"""The minimum number of executions between two changes."""
_MAX_SAMPLES = 256

TOLERANCE = 2.0
"""The relative latency up to which the limit does not shrink."""
MIN_GRADIENT = 0.5
_SMOOTHING = 0.5
"""The share of each change that is made at once."""


class ConcurrencyLimit:
    """A limit between a minimum and a maximum, with a rule like that of TCP Vegas and of Netflix's Gradient2.

    It reads relative latencies: 1 is what an operation takes while few others run. At the end of a window, the median
    `m` of its latencies gives the gradient `TOLERANCE / m`, from 0.5 to 1. The limit is multiplied by the gradient, and
    the square root of the limit is added: a small queue keeps the process busy. Half of the change is made at once.

    The limit grows only if it was reached, and shrinks only if at least half of it was in use: otherwise latencies say
    nothing about it. The median makes one slow feature irrelevant, as long as most executions do not wait for it.
    """

    def __init__(self, minimum: int, maximum: int) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self._exact = float(minimum)
        self._samples: list[float] = []
        self._peak = 0
        self._window_ends_at = 0.0
        self.value = minimum
        """The number of executions that may run."""
        self.load = 1.0
        """The median relative latency of the last window."""

    def note_running(self, running: int) -> None:
        """Notes the number of executions after one has begun."""
        if running > self._peak:  # noqa: PLR1730 - every execution calls this, and `max` takes longer
            self._peak = running

    def record(self, relative_latency: float, now: float) -> None:
        """Records the latency of an execution that has ended, and changes the limit at the end of a window."""
        samples = self._samples
        if len(samples) < _MAX_SAMPLES:
            samples.append(relative_latency)
        if now >= self._window_ends_at and len(samples) >= MIN_SAMPLES:
            self._end_window(now)

    def _end_window(self, now: float) -> None:
        self.load = sorted(self._samples)[len(self._samples) // 2]
        gradient = max(MIN_GRADIENT, min(1.0, TOLERANCE / max(self.load, 1e-9)))
        target = self._exact * gradient + sqrt(self._exact)
        may_change = self._peak >= self.value if target > self._exact else self._peak >= self.value / 2
        if may_change:
            changed = self._exact + _SMOOTHING * (target - self._exact)
            self._exact = max(self.minimum, min(self.maximum, changed))
            self.value = int(self._exact)
        self._samples = []
        self._peak = 0
        self._window_ends_at = now + WINDOW_SECONDS
