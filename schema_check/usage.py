"""Reads usage exports: the day on which each version of each app last used each field.

```json
{"format": "bff-schema-usage", "version": 1,
 "from": "2026-08-01", "until": "2026-11-25", "complete": true,
 "fields": [
   {"coordinate": "User.handle", "app": "ios", "version": "4.2.0", "lastSeen": "2026-11-24"}
 ]}
```

`coordinate` is a field as the document selects it: `Node.id` where it is on an interface. Other keys are ignored.
`from` and `until` are the first and last day of counting. `complete` is false when the server could not keep
everything. A listed version did not use the fields that are not listed for it, if the export is complete and covers
enough days.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple, cast

from schema_check.errors import SchemaCheckError
from schema_check.manifests import AppVersion
from schema_check.manifests.paths import numbers_of

FORMAT = "bff-schema-usage"
MAX_BYTES = 64 * 1024 * 1024
KEYS = ("coordinate", "app", "version", "lastSeen")


class UsageError(SchemaCheckError):
    """Raised for a usage file that cannot be used. Its message is one sentence."""


class UsageExport(NamedTuple):
    """Holds the usage that a server counted."""

    since: date
    until: date
    complete: bool
    fields: Mapping[AppVersion, Mapping[str, date]]

    """The last day on which each version of each app used each field."""

    def covers(self, days: int) -> bool:
        """Returns whether fields that are not listed were unused for this number of days."""
        return self.complete and self.until - self.since >= timedelta(days)


def read_usage(text: str | bytes) -> UsageExport:
    """Returns the usage of an export. Raises `UsageError` for invalid ones."""
    if len(text) > MAX_BYTES:
        raise UsageError(f"The usage file is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("The usage file is not JSON.") from None
    export: dict[str, Any] = cast(dict[str, Any], data) if isinstance(data, dict) else {}
    if (export.get("format"), export.get("version")) != (FORMAT, 1):
        raise UsageError(f'The usage file does not have the format {{"format": "{FORMAT}", "version": 1}}.')
    rows = export.get("fields")
    if not isinstance(rows, list):
        raise UsageError('The usage file has no list "fields".')
    complete = export.get("complete") is True
    return UsageExport(_day(export, "from"), _day(export, "until"), complete, _fields(cast(list[object], rows)))


def _fields(rows: Iterable[object]) -> dict[AppVersion, dict[str, date]]:
    fields: dict[AppVersion, dict[str, date]] = {}
    for item in rows:
        row = cast(dict[str, Any], item) if isinstance(item, dict) else {}
        if not all(isinstance(row.get(key), str) for key in KEYS):
            raise UsageError("A field of the usage file lacks one of coordinate, app, version and lastSeen.")
        app = AppVersion(row["app"], row["version"])
        numbers_of(app.version)
        days, day = fields.setdefault(app, {}), _day(row, "lastSeen")
        days[row["coordinate"]] = max(day, days.get(row["coordinate"], day))
    return fields


def _day(table: Mapping[str, Any], key: str) -> date:
    """Returns the date under a key, which may be a date or a timestamp."""
    try:
        return date.fromisoformat(table[key][:10])
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"The usage file has a {key!r} that is not a date like 2026-11-25.") from None
