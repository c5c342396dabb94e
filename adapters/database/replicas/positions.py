"""Positions in the write-ahead log, as the primary and its standbys report them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

_SYSTEM = (
    "(SELECT system_identifier FROM pg_control_system()) || '/' || "
    "(SELECT oid FROM pg_database WHERE datname = current_database()) AS system"
)
INSTANCE = "extract(epoch FROM pg_postmaster_start_time())::text"
"""An expression that differs between servers, and between two starts of one server."""

PRIMARY_STATE = f"""
    SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint AS lsn,
        ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer AS timeline,
        current_setting('wal_block_size')::integer AS block_bytes,
        (SELECT bytes_per_wal_segment FROM pg_control_init()) AS segment_bytes,
        {_SYSTEM}
"""  # noqa: S608 - built from constants
STANDBY_STATE = f"""
    SELECT pg_is_in_recovery() AS is_standby,
        coalesce((pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, 0) AS lsn,
        greatest(checkpoints.timeline_id, recovery.min_recovery_end_timeline) AS timeline,
        {INSTANCE} AS instance,
        {_SYSTEM}
    FROM pg_control_checkpoint() AS checkpoints, pg_control_recovery() AS recovery
"""  # noqa: S608 - as above

_PAGE_HEADER = 24
_SEGMENT_HEADER = 40


class Mark(NamedTuple):
    """A position of the announcements, and a later one of the write-ahead log.

    Whatever was announced up to `position` of the stream of announcements was committed before `lsn` of the log.
    """

    position: int
    lsn: int
    timeline: int
    system: str
    taken_at: float
    """The monotonic time before it was taken."""

    @classmethod
    def of(cls, position: int, taken_at: float, row: Mapping[str, Any]) -> "Mark":
        """Returns the mark with a row of `PRIMARY_STATE` that was read after the position."""
        lsn = end_of_log(row["lsn"], row["block_bytes"], row["segment_bytes"])
        return cls(position, lsn, row["timeline"], row["system"], taken_at)


class StandbyState(NamedTuple):
    """A row of `STANDBY_STATE`. The log is replayed up to `lsn`."""

    is_standby: bool
    lsn: int
    timeline: int
    instance: str
    system: str

    def has(self, mark: Mark) -> bool:
        """Returns whether everything before a mark is replayed."""
        return self.lsn >= mark.lsn and self.timeline == mark.timeline and self.system == mark.system


def end_of_log(lsn: int, block_bytes: int, segment_bytes: int) -> int:
    """Returns the end of the last record, from the place where the next one begins.

    Between both is the header of a page, if the last record ends with its page. A standby reports the end.
    """
    page = lsn - lsn % block_bytes
    header = _PAGE_HEADER if page % segment_bytes else _SEGMENT_HEADER
    return page if lsn - page == header else lsn
