"""Counts how often something is done, and says when it has been often enough. It knows nothing of what that is.

A limit is exact: in no window of its length is more admitted than it says. What was admitted is kept with its times and
thus slides out of the window, since a bucket that refills (a GCRA too) admits almost twice as much in its first window,
and windows that begin at fixed times do so around their borders. To keep limits of large numbers small, takes within
a sixtieth of the window count as one, made at the time of the last: so what was taken counts for the window's length
and at most a sixtieth of it more.
"""

from adapters.limits.base import Answer, Limit, Limits
from adapters.limits.engines import open_limits

__all__ = ["Answer", "Limit", "Limits", "open_limits"]
