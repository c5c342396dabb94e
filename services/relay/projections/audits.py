"""Projects events into the audit trails of accounts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from adapters.database import Queries
from core.viewer import Anonymous
from events import (
    AccountDeleted,
    AccountErased,
    DataExportRequested,
    Event,
    PasswordChanged,
    PasswordRefused,
    PersonJoined,
    RefreshTokenReused,
    SessionBegan,
    SessionEnded,
    SignInRefused,
)
from services.audit.seals import AuditEntry, AuditEvent, Head, Seals, Total
from services.event_log.log import partition_of
from services.relay.projections.recorded_event import RecordedEvent

AUDIT_KINDS: Mapping[type[Event], str] = {
    PersonJoined: "JOINED",
    SessionBegan: "SIGNED_IN",
    SessionEnded: "SIGNED_OUT",
    SignInRefused: "SIGN_IN_REFUSED",
    RefreshTokenReused: "TOKEN_REUSED",
    PasswordChanged: "PASSWORD_CHANGED",
    PasswordRefused: "PASSWORD_REFUSED",
    DataExportRequested: "DATA_EXPORT_REQUESTED",
    AccountDeleted: "ACCOUNT_DELETED",
    AccountErased: "ACCOUNT_ERASED",
}
"""The kinds of audit entries by type of event. Other events are not in the trail."""

_ENTRY = {
    "owner_id": "bigint",
    "place": "bigint",
    "kind": "text",
    "device_id": "bigint",
    "event_id": "bigint",
    "occurred_at": "timestamptz",
    "key_id": "text",
    "previous_hash": "text",
    "hash": "text",
}
_HEAD = {"owner_id": "bigint", "place": "bigint", "hash": "text", "key_id": "text", "seal": "text"}
_TOTAL = {"partition": "bigint", "total": "text", "key_id": "text", "seal": "text"}
_EVENT = {"owner_id": "bigint", "event_id": "bigint"}

_WRITTEN = (
    "SELECT a.owner_id, a.event_id FROM input_rows g JOIN audit_entries a "
    "ON a.owner_id = g.owner_id AND a.event_id = g.event_id"
)
_LOCK_HEADS = f"SELECT {', '.join(_HEAD)} FROM audit_heads WHERE owner_id = ANY($1) ORDER BY owner_id FOR UPDATE"  # noqa: S608 - built from constants
_LOCK_TOTALS = f"SELECT {', '.join(_TOTAL)} FROM audit_totals WHERE partition = ANY($1) ORDER BY partition FOR UPDATE"  # noqa: S608 - as above
_ADD = f"INSERT INTO audit_entries ({', '.join(_ENTRY)}) SELECT {', '.join(_ENTRY)} FROM input_rows"  # noqa: S608 - as above


def _put(table: str, columns: Iterable[str]) -> str:
    """Returns a statement that inserts or replaces rows, whose first column is the key."""
    key, *others = columns
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns)} FROM input_rows WHERE true "  # noqa: S608 - as above
        f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in others)}"
    )


_PUT_HEADS = _put("audit_heads", _HEAD)
_PUT_TOTALS = _put("audit_totals", _TOTAL)


async def project_audit_entries(transaction: Queries, events: Sequence[RecordedEvent[Event]], seals: Seals) -> None:
    """Appends events of accounts to the chains of their owners, each event once.

    All entries of a chain come from one partition of the log, so one relay at a time writes it.
    """
    await append_to_chains(transaction, await _unwritten(transaction, events), seals)


async def append_to_chains(transaction: Queries, chains: Mapping[int, Sequence[AuditEvent]], seals: Seals) -> None:
    """Appends entries by owner. The transaction has locked the owners' partitions, so each chain has one writer."""
    if not chains:
        return
    rows = await transaction.fetch(_LOCK_HEADS, list(chains))
    before: dict[int, Head] = {row["owner_id"]: Head(**row) for row in rows}
    entries: list[AuditEntry] = []
    after: list[Head] = []
    for owner_id, new_events in chains.items():
        head = before.get(owner_id)
        for event in new_events:
            entries.append(seals.next_entry(head, event))
            head = seals.next_head(head, entries[-1])
        after += [head] if head else []
    await transaction.fetch_with_rows(_ADD, _ENTRY, entries)
    await transaction.fetch_with_rows(_PUT_HEADS, _HEAD, after)
    await _update_totals(transaction, seals, before, after)


async def _unwritten(transaction: Queries, events: Iterable[RecordedEvent[Event]]) -> dict[int, list[AuditEvent]]:
    """Returns the events that are not in the chains yet, by owner in the order of their ids."""
    audit_events = [
        AuditEvent(
            event.owner_id, AUDIT_KINDS[type(event)], getattr(event, "device_id", None), position.id, occurred_at
        )
        for event, position, occurred_at, _ in events
        if type(event) in AUDIT_KINDS and event.owner_id != Anonymous.user_id
    ]
    keys = [(event.owner_id, event.event_id) for event in audit_events]
    rows = await transaction.fetch_with_rows(_WRITTEN, _EVENT, keys)
    written = {(row["owner_id"], row["event_id"]) for row in rows}
    chains: dict[int, list[AuditEvent]] = defaultdict(list)
    for key, event in sorted(zip(keys, audit_events, strict=True), key=lambda pair: pair[1].owner_id):
        if key not in written:
            chains[event.owner_id].append(event)
    return chains


async def _update_totals(transaction: Queries, seals: Seals, before: Mapping[int, Head], after: Sequence[Head]) -> None:
    """Replaces the previous seals of the heads by the new ones in the totals of their partitions."""
    moved: dict[int, list[Head]] = defaultdict(list)
    for head in after:
        moved[partition_of(head.owner_id)].append(head)
    rows = await transaction.fetch(_LOCK_TOTALS, sorted(moved))
    totals: dict[int, Total] = {row["partition"]: Total(**row) for row in rows}
    changed: list[Total] = []
    for partition, heads in sorted(moved.items()):
        removed = [before[head.owner_id].seal for head in heads if head.owner_id in before]
        added = [head.seal for head in heads]
        changed.append(seals.next_total(totals.get(partition), partition, removed, added))
    await transaction.fetch_with_rows(_PUT_TOTALS, _TOTAL, changed)
