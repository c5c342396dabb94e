"""What shipped apps use of the schema: counted in a process, and kept by days.

An operation is known by the fields that it selects and by nothing else of its text. Decision 19 says why.
"""

from services.usage.counts import Bounds, Shape, UsageCounts
from services.usage.keeping import forget_usage, keep_counts

__all__ = [
    "Bounds",
    "Shape",
    "UsageCounts",
    "forget_usage",
    "keep_counts",
]
