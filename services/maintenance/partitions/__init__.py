"""Range partitions of large tables from which retention deletes in bulk. They exist only after `bff partitions apply`.

A partition has the rows of a range of the table's partition key. Retention drops a partition when all of its rows are
too old. Partitions exist only on PostgreSQL.
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
