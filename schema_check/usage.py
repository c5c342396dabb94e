"""What a server has seen: which field, of which version of which app, and when last.

```json
{"format": "bff-schema-usage", "version": 1,
 "from": "2026-08-01", "until": "2026-11-25", "complete": true,
 "fields": [
   {"coordinate": "User.handle", "app": "ios", "version": "4.2.0", "lastSeen": "2026-11-24"}
 ]}
```

`coordinate` is a field as the document selects it: `Node.id` where it is on an interface. Other keys are left alone.
`from` and `until` are the days between which the server counted. `complete` is false when it could not keep everything.
A field that is not listed for a version that is was not used, if the server counted all of it and for long enough.
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
    """A usage file that cannot be used, and why, in one sentence."""


class UsageExport(NamedTuple):
    """What was seen of each version of each app."""

    since: date
    until: date
    complete: bool
    fields: Mapping[AppVersion, Mapping[str, date]]

    def knows_absence(self, days: int) -> bool:
        """Whether what is not listed has not been used for so many days."""
        return self.complete and self.until - self.since >= timedelta(days)


def read_usage(text: str | bytes) -> UsageExport:
    if len(text) > MAX_BYTES:
        raise UsageError(f"The usage file is larger than {MAX_BYTES // 1024 // 1024} MiB.")
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError("The usage file is not JSON.") from None
    said: dict[str, Any] = cast(dict[str, Any], data) if isinstance(data, dict) else {}
    if (said.get("format"), said.get("version")) != (FORMAT, 1):
        raise UsageError(f'The usage file is not of the format {{"format": "{FORMAT}", "version": 1}}.')
    rows = said.get("fields")
    if not isinstance(rows, list):
        raise UsageError('The usage file has no list "fields".')
    complete = said.get("complete") is True
    return UsageExport(_day(said, "from"), _day(said, "until"), complete, _seen(cast(list[object], rows)))


def _seen(rows: Iterable[object]) -> dict[AppVersion, dict[str, date]]:
    seen: dict[AppVersion, dict[str, date]] = {}
    for each in rows:
        row = cast(dict[str, Any], each) if isinstance(each, dict) else {}
        if not all(isinstance(row.get(key), str) for key in KEYS):
            raise UsageError("A field of the usage file has not all of coordinate, app, version and lastSeen.")
        app = AppVersion(row["app"], row["version"])
        numbers_of(app.version)
        known, day = seen.setdefault(app, {}), _day(row, "lastSeen")
        known[row["coordinate"]] = max(day, known.get(row["coordinate"], day))
    return seen


def _day(said: Mapping[str, Any], key: str) -> date:
    """A day, or the day of an instant."""
    try:
        return date.fromisoformat(said[key][:10])
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"The usage file has a {key!r} that is no day like 2026-11-25.") from None
