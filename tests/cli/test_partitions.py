"""`bff partitions`."""

from services.resources import Resources
from tests.support.commands import call_bff
from tests.support.engines import Engine

SQLITE = "SQLite does not partition tables: retention deletes rows one by one, and there is nothing to apply\n"


async def test_partitions_are_planned_and_applied(engine: Engine, resources: Resources, database_url: str) -> None:
    if engine.name == "sqlite":
        for action in ("plan", "apply"):
            done = call_bff("partitions", action, BFF_DATABASE_URL=database_url)
            assert (done.returncode, done.stdout, done.stderr) == (0, SQLITE, "")
        return
    planned = call_bff("partitions", "plan", BFF_DATABASE_URL=database_url).stdout
    log, usage, streams = planned.split("usage_counts: about ")[0], planned, planned.split("stream_entries: about ")[1]
    assert log.startswith("event_log: about ")
    assert "  retention deletes about " in log
    assert "  partitions of 8 days would be made:\n    event_log_first (tx before " in log
    assert "    ACCESS EXCLUSIVE on event_log, milliseconds: the table becomes a partition; no row is read\n" in log
    assert "    read events after a position: reads only partitions between the position" in log
    assert "  partitions of 45 days would be made:\n    usage_counts_first (seen_on before " in usage
    assert "it cannot have partitions:\n    its key (owner_id, stream_id, place) has no time" in streams
    assert "partitions of" not in streams
    applied = call_bff("partitions", "apply", BFF_DATABASE_URL=database_url)
    assert (applied.returncode, applied.stderr) == (0, "")
    assert applied.stdout.startswith("event_log is a partition of a new table with its name\n")
    again = call_bff("partitions", "plan", "event_log", BFF_DATABASE_URL=database_url).stdout
    assert "  partitions:\n    event_log_first (tx before " in again
    assert "would be made" not in again
    doctor = call_bff("doctor", BFF_DATABASE_URL=database_url).stdout
    assert "ok    partitions of event_log\nok    partitions of usage_counts\n" in doctor
    assert resources.settings.env == "dev"


async def test_a_table_that_cannot_have_partitions_is_refused(engine: Engine, database_url: str) -> None:
    if engine.name == "sqlite":
        return
    done = call_bff("partitions", "apply", "stream_entries", BFF_DATABASE_URL=database_url)
    assert done.returncode == 1
    assert done.stderr.startswith("bff: stream_entries cannot have partitions: its key ")
