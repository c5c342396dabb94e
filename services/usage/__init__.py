"""What shipped apps use of the schema: counted in a process, kept by days, read for the schema check.

An operation is known by the fields that it selects and by nothing else of its text. Decision 19 says why.
"""

from services.usage.counts import Bounds, Shape, UsageCounts
from services.usage.keeping import keep_counts
from services.usage.reading import FieldUse, Usage, read_usage

__all__ = [
    "Bounds",
    "FieldUse",
    "Shape",
    "Usage",
    "UsageCounts",
    "keep_counts",
    "read_usage",
]
