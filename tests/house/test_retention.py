"""Every table has a retention, or a reason to keep its rows."""

from datetime import timedelta
from pathlib import Path

from core.viewer import SignedIn
from services.resources import Resources
from services.unit_of_work import unit_of_work
from services.users import PushToken, register_push_token
from tests.support.jobs import enqueued, rows, run_all
from tests.support.kept import TABLES
from tests.support.relay import drained
from tests.support.storm import make_person
from workers.handlers import HANDLERS

LONG_AGO = timedelta(days=1000)
ROWS = {
    "data_export_parts": "SELECT owner_id, 5, 0, token_hash FROM refresh_families",
    "data_exports": "SELECT owner_id, 5, $1, 0, 0, 0, 0, $1, $1 FROM refresh_families",
    "dead_events": "SELECT 1, 1, 1, 'X', 1, 1, '{}', 'why', $1, $1",
    "dead_jobs": "SELECT 1, 1, 'do', 1, '{}', 'why', $1, $1",
    "idempotency_keys": "SELECT 1, 'key', 'publishPost', token_hash, 1, 1, $1 FROM refresh_families",
    "inbox_marks": "SELECT 1, 'SEEN', 1, $1",
    "notification_deliveries": "SELECT 1, 1, 'PUSH', 1, 'SENT', 0, 1, $1, $1, $1, $1",
    "notification_digests": "SELECT 1, 1, 'SENT', 1, $1",
    "notification_groups": "SELECT 1, 'LIKE', 1, 1, $1",
    "provider_events": "SELECT 'sandbox', 'evt_1', 'CHARGE_CHANGED', $1",
    "revoked_devices": "SELECT 1, 1, $1",
    "usage_counts": "SELECT '2020-01-01', 'ios', '1', 'Home', 'hash', 1",
    "usage_days": "SELECT '2020-01-01', 1",
    "usage_shapes": "SELECT 'hash', '', '2020-01-01'",
}
"""The rows for tables that are otherwise empty here."""

AGED = {
    "event_log": "occurred_at",
    "notification_facts": "acted_at",
    "notifications": "created_at",
    "refresh_families": "expires_at",
    "stream_entries": "occurred_at",
}


def kept(project: Path) -> dict[str, str]:
    """Returns the page's text on removal for each table."""
    lines = (project / "docs/retention.md").read_text().splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    return {table.strip("`"): why for table, _, why in cells}


def test_the_page_names_every_table_once(project: Path) -> None:
    page = kept(project)
    assert list(page) == TABLES
    assert all(page.values())


async def test_what_is_said_to_be_forgotten_is_forgotten(resources: Resources, project: Path) -> None:
    person = await make_person(resources, 1)
    session = person.sessions[0]["device"]["id"]
    async with unit_of_work(resources) as work:
        await register_push_token(SignedIn(person.user_id, session), work, resources, PushToken("token", "FCM"))
    await drained(resources)
    fetch, old = resources.database.fetch, resources.clock() - LONG_AGO
    await fetch("DELETE FROM devices WHERE owner_id <> $1", person.user_id)
    await fetch("DELETE FROM refresh_families WHERE device_id <> $1", session)
    await fetch("DELETE FROM devices WHERE id <> $1", session)
    for table, values in ROWS.items():
        await fetch(f"INSERT INTO {table} {values}", *([old] if "$1" in values else []))
    forgotten = [table for table, why in kept(project).items() if "forget_old" in why]
    assert {*forgotten, "push_tokens"} >= {*ROWS, *AGED, "devices"}
    assert [table for table in forgotten if not await rows(resources, table)] == []
    for table, column in AGED.items():
        await fetch(f"UPDATE {table} SET {column} = $1", old)
    for number in (1, 2):
        await enqueued(resources, number, handler="forget_old")
        await run_all(resources, HANDLERS)
    assert {table: await rows(resources, table) for table in (*forgotten, "push_tokens")} == {
        table: [] for table in (*forgotten, "push_tokens")
    }
