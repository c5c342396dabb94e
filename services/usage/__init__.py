"""Usage: counts of the fields that apps select, kept by day, for the schema check.

An operation is identified by the fields that it selects and not by its text. Decision 19 gives the reasons.
"""

from services.usage.counts import OperationShape, UsageCounts, UsageLimits
from services.usage.report import FieldUse, UsageReport, read_usage
from services.usage.storage import store_counts

__all__ = [
    "FieldUse",
    "OperationShape",
    "UsageCounts",
    "UsageLimits",
    "UsageReport",
    "read_usage",
    "store_counts",
]
