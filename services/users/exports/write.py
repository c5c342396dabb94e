"""Writes the document part by part."""

from datetime import datetime
from typing import Any

import orjson

from events import DataExportReady
from services.jobs.job import Job, Outcome
from services.resources import Resources
from services.unit_of_work import UnitOfWork
from services.users.exports.sections import SECTIONS, Section, shown

AT_ONCE = 500
"""The number of rows of a part."""

_PROGRESS = (
    "SELECT x.section, x.after_place, x.parts, x.requested_at FROM data_exports x "
    "WHERE x.owner_id = $1 AND x.id = $2 AND x.ready_at IS NULL FOR UPDATE"
)
_ADD = "INSERT INTO data_export_parts (owner_id, export_id, place, content) VALUES ($1, $2, $3, $4)"
_MOVE = (
    "UPDATE data_exports SET section = $3, after_place = $4, parts = parts + 1, bytes = bytes + $5, ready_at = $6 "
    "WHERE owner_id = $1 AND id = $2"
)


async def export_data(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
    """Writes the next part. It does nothing if the export is complete, or was deleted with its owner."""
    transaction, owner_id, export_id = await work.transaction(), job.key.owner_id, job.data["export_id"]
    rows = await transaction.fetch(_PROGRESS, owner_id, export_id)
    if not rows:
        return Outcome.DONE
    (progress,) = rows
    number: int = progress["section"]
    after: int = progress["after_place"]
    section = SECTIONS[number]
    section_rows = await transaction.fetch(section.sql, owner_id, after, AT_ONCE)
    ended = len(section_rows) < AT_ONCE
    complete = ended and number == len(SECTIONS) - 1
    text = _text(section, [shown(section, resources.vault, owner_id, row) for row in section_rows], begun=after > 0)
    text = _opening(progress["requested_at"], number, after) + text + _closing(ended=ended, complete=complete)
    sealed = resources.vault.seal(owner_id, text)
    await transaction.fetch(_ADD, owner_id, export_id, progress["parts"], sealed)
    place = (number + 1, 0) if ended else (number, section_rows[-1]["place"])
    ready_at = resources.clock() if complete else None
    await transaction.fetch(_MOVE, owner_id, export_id, *place, len(text.encode()), ready_at)
    if complete:
        work.emit(DataExportReady(actor_id=owner_id, export_id=export_id))
    return Outcome.DONE if complete else Outcome.MORE


def _text(section: Section, rows: list[dict[str, Any]], *, begun: bool) -> str:
    """Returns a piece of a section; `begun` if the previous part contains rows of it."""
    written = ",\n".join(orjson.dumps(row).decode() for row in rows)
    if begun:
        return f",\n{written}" if rows else ""
    return f'"{section.name}":[\n{written}'


def _opening(requested_at: datetime, number: int, after: int) -> str:
    first = number == after == 0
    return f'{{"format":1,"requestedAt":{orjson.dumps(requested_at).decode()},\n' if first else ""


def _closing(*, ended: bool, complete: bool) -> str:
    if complete:
        return "]}\n"
    return "],\n" if ended else ""
