"""What shipped apps use of the schema: counted in a process, kept by days, read for the schema check.

An operation is known by the fields that it selects and by nothing else of its text. Decision 19 says why.
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
