"""Partitions by time, of large tables with many old rows. They exist only after `bff partitions apply`.

In this package, a partition is a partition by time: the rows in a range of the table's partition key. Workers drop it
when its rows are too old. It exists only on PostgreSQL. The eight partitions of the event log, one for each relay, are
something else; they are always called partitions of the log.
"""

from services.maintenance.partitions.apply import Unpartitionable, apply_partitions
from services.maintenance.partitions.candidates import CANDIDATES, EVENT_LOG, PARTITIONABLE, USAGE_COUNTS, Candidate
from services.maintenance.partitions.examine import examine_partitions
from services.maintenance.partitions.maintain import grace, maintain_partitions
from services.maintenance.partitions.plan import TablePlan, plan_partitions

__all__ = [
    "CANDIDATES",
    "EVENT_LOG",
    "PARTITIONABLE",
    "USAGE_COUNTS",
    "Candidate",
    "TablePlan",
    "Unpartitionable",
    "apply_partitions",
    "examine_partitions",
    "grace",
    "maintain_partitions",
    "plan_partitions",
]
