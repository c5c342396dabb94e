"""Reads all tables, and compares them."""

import importlib
import inspect
from datetime import datetime
from typing import Any, NamedTuple

from tortoise.models import Model

import models
from core.ids import id_at
from events import Event, LoggedEvent, read_event
from services.maintenance.seed.world import NOW
from services.resources import Resources

Rows = list[dict[str, Any]]
Snapshot = dict[str, dict[str, dict[str, Any]]]
"""Per table, its rows by what they look like."""

DRAWN = {"blocks", "count_deltas", "follows"}
"""Tables with ids that no client sees."""

TABLES = sorted(
    {
        str(member._meta.db_table)
        for module in models.MODULES
        for _, member in inspect.getmembers(importlib.import_module(module), inspect.isclass)
        if issubclass(member, Model) and member is not Model
    }
)


class Changed(NamedTuple):
    """Holds the removed and new rows of one table."""

    gone: Rows
    new: Rows


async def events_of(resources: Resources) -> list[Event]:
    """Returns all events of the event log, in order."""
    rows = await resources.database.fetch("SELECT type, version, actor_id, data FROM event_log ORDER BY tx, id")
    return [read_event(LoggedEvent(**row)) for row in rows]


async def snapshot(resources: Resources) -> Snapshot:
    """Returns all rows of all tables."""
    found: Snapshot = {}
    for table in TABLES:
        if table == "key_holders":
            continue  # processes say now and then that they run
        rows = await resources.database.fetch(f"SELECT * FROM {table}")
        found[table] = {repr(row): row for row in rows}
    return found


async def changes(resources: Resources, before: Snapshot) -> dict[str, Changed]:
    """Per table that has changed, but for the log: which rows are gone, and which are new.

    An instant that is later than the seeded world is 'now', and an id that no client sees is 'new'.
    """
    after = await snapshot(resources)
    del after["event_log"]
    return {
        table: Changed(_missing(table, before[table], rows), _missing(table, rows, before[table]))
        for table, rows in after.items()
        if rows.keys() != before[table].keys()
    }


def _missing(table: str, here: dict[str, dict[str, Any]], there: dict[str, dict[str, Any]]) -> Rows:
    rows = [{column: _shown(table, column, row[column]) for column in row} for row in here.values()]
    kept = {repr(row): shown for row, shown in zip(here.values(), rows, strict=True)}
    return sorted((shown for text, shown in kept.items() if text not in there), key=repr)


def _shown(table: str, column: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return "now" if value > NOW else value
    return "new" if table in DRAWN and column == "id" and value > id_at(NOW) else value
