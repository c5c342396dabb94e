"""Updates `CHANGELOG-schema.md`, which lists schema changes by day and upcoming removals."""

import re
from collections.abc import Sequence
from datetime import date

from schema_check.changes import SchemaChange, Severity
from schema_check.changes.deprecations import reason_of, removal_date
from schema_check.changes.walk import elements
from schema_check.errors import SchemaCheckError
from schema_check.schemas import LoadedSchema

TITLE = "# Changes of the schema"
UPCOMING = "## Upcoming removals"
WORDS = {Severity.BREAKING: "**breaking**", Severity.DANGEROUS: "dangerous", Severity.SAFE: "safe"}

_DAY = re.compile(r"^## (\d{4}-\d{2}-\d{2})$", re.MULTILINE | re.ASCII)


def update_changelog(text: str, changes: Sequence[SchemaChange], after: LoadedSchema, today: date) -> str:
    """Returns the changelog with today's changes. Earlier days stay; a second update changes nothing."""
    days = _days(text)
    lines = [
        f"- {WORDS[change.severity]} `{change.coordinate}`: {_one_line(change.message)}"
        for change in changes
        if change.code != "DESCRIPTION_CHANGED"
    ]
    known = days.get(str(today), "").splitlines()
    today_lines = [*known, *(line for line in lines if line not in known)]
    if today_lines:
        days[str(today)] = "\n".join(today_lines)
    parts = [TITLE, f"{UPCOMING}\n\n{_upcoming(after)}"]
    parts += [f"## {day}\n\n{days[day]}" for day in sorted(days, reverse=True)]
    return "\n\n".join(parts) + "\n"


def _days(text: str) -> dict[str, str]:
    if text.strip() and not text.startswith(TITLE):
        raise SchemaCheckError(f"The changelog does not begin with {TITLE!r}, so this command did not write it.")
    _, *pieces = _DAY.split(text)
    return {day: lines.strip() for day, lines in zip(pieces[::2], pieces[1::2], strict=True)}


def _upcoming(after: LoadedSchema) -> str:
    deprecated = [(removal_date(reason_of(element)), at, reason_of(element)) for at, element in elements(after.schema)]
    dated = sorted((day, at, reason) for day, at, reason in deprecated if day and reason)
    undated = sorted((at, reason) for day, at, reason in deprecated if reason is not None and not day)
    lines = [f"- after {day}: `{at}`. {_one_line(reason)}" for day, at, reason in dated]
    lines += [f"- no date: `{at}`. {_one_line(reason)}" for at, reason in undated]
    return "\n".join(lines) or "No removals are planned."


def _one_line(text: str) -> str:
    return " ".join(text.split())
