"""Requests exports and reads their progress."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypedDict

from adapters.database import Database, Queries
from core.viewer import SignedIn
from events import DataExportRequested, write_event
from models.exports import DATA_EXPORT_COLUMNS, DataExportRow
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.password_confirmation import CheckedPassword, confirm_password, lock_password, wrong_password
from services.users.throttle import count_export

RETENTION = timedelta(days=7)
"""The time for which an export is stored."""

MAX_DURATION = timedelta(days=1)
"""An export that is not ready after so long has failed, and another one may be requested."""

_LATEST = (
    f"SELECT {DATA_EXPORT_COLUMNS.sql()} FROM data_exports x "  # noqa: S608 - built from constants
    "WHERE x.owner_id = $1 AND x.expires_at > $2 ORDER BY x.id DESC LIMIT 1"
)
_DEAD = "SELECT 1 AS one FROM dead_jobs WHERE owner_id = $1 AND handler = 'export_data' AND data = $2"
_PASSWORD = "input.password"  # noqa: S105 - the name of a field
_REQUEST = (
    "INSERT INTO data_exports (owner_id, id, requested_at, section, after_place, parts, bytes, expires_at) "
    "VALUES ($1, $2, $3, 0, 0, 0, 0, $4)"
)

RequestDataExportSuccessRow = TypedDict(
    "RequestDataExportSuccessRow", {"__typename": Literal["RequestDataExportSuccess"], "export": DataExportRow}
)


@dataclass(frozen=True, slots=True)
class RequestDataExport:
    """The input of `requestDataExport`: the password."""

    password: str


async def request_data_export(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, export_input: RequestDataExport
) -> Mapping[str, Any]:
    """Returns a new export, or the one in progress. A wrong password is returned as a problem.

    Raises `ProblemError` after too many attempts or exports.
    """
    account = await confirm_password(viewer, work, resources, export_input.password)
    if account is None:
        return wrong_password(_PASSWORD)
    checked = CheckedPassword(viewer.user_id, export_input.password, account.password_hash)
    if await lock_password(work, resources, checked) is None:
        return wrong_password(_PASSWORD)
    transaction, now = await work.transaction(), resources.clock()
    export = await _latest(transaction, resources, viewer.user_id)
    if export is None or export["ready_at"] is not None or await _has_failed(transaction, viewer.user_id, export, now):
        await count_export(resources, viewer.user_id)
        export_id = resources.ids.next()
        await transaction.fetch(_REQUEST, viewer.user_id, export_id, now, now + RETENTION)
        work.emit(DataExportRequested(actor_id=viewer.user_id, export_id=export_id))
        export = await _latest(transaction, resources, viewer.user_id)
    return _requested(export)


async def _has_failed(transaction: Queries, owner_id: int, export: DataExportRow, now: datetime) -> bool:
    """Returns whether the export's job is a dead letter, or the export takes too long."""
    if export["requested_at"] < now - MAX_DURATION:
        return True
    requested = write_event(DataExportRequested(actor_id=owner_id, export_id=export["id"]))
    return bool(await transaction.fetch(_DEAD, owner_id, requested.data))


def _requested(export: DataExportRow | None) -> Mapping[str, Any]:
    return {"__typename": "RequestDataExportSuccess", "export": export}


async def latest_export(viewer: SignedIn, database: Database, resources: Resources) -> DataExportRow | None:
    """Returns the last export that was requested, while it is stored."""
    return await _latest(database, resources, viewer.user_id)


async def _latest(queries: Queries, resources: Resources, owner_id: int) -> DataExportRow | None:
    rows = await queries.fetch(_LATEST, owner_id, resources.clock())
    return rows[0] if rows else None
