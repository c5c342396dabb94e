"""Reads `schema-approvals.toml`, which lists changes that may break apps until an expiry date.

```toml
[[approval]]
coordinate = "User.handle"
code = "FIELD_REMOVED"      # optional; without it, every change of the coordinate is approved
reason = "Support reports no users of 3.x."
expires = 2026-12-31

[[approval]]
operation = "Me"            # instead of a coordinate: an operation that was invalid before the change
reason = "It is never sent."
expires = 2026-12-31
```
"""

import tomllib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from schema_check.changes import SchemaChange
from schema_check.errors import SchemaCheckError

KEYS = {"coordinate", "code", "member", "reason", "expires", "operation"}


class ApprovalError(SchemaCheckError):
    """Raised for an approval that cannot be used. Its message is one sentence."""


class Approval(NamedTuple):
    """Lets a change, or an invalid operation, pass the check until a date."""

    coordinate: str
    code: str
    member: str
    reason: str
    expires: date
    """The last day on which it applies."""
    operation: str = ""
    """The name of an operation that may be invalid. The coordinate is then empty."""

    def covers(self, change: SchemaChange) -> bool:
        """Returns whether it applies to the change."""
        return (
            not self.operation
            and self.coordinate == change.coordinate
            and self.code in ("", change.code)
            and self.member in ("", change.member)
        )


def read_approvals(text: str) -> list[Approval]:
    """Returns the approvals of a file. Raises `ApprovalError` for invalid ones."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ApprovalError(f"The approvals file is not TOML: {error}.") from None
    entries = data.get("approval", [])
    if set(data) - {"approval"} or not isinstance(entries, list):
        raise ApprovalError("The approvals file may contain only [[approval]] tables.")
    return [_approval(entry) for entry in cast(list[object], entries)]


def find_approval(approvals: Sequence[Approval], change: SchemaChange, today: date) -> Approval | None:
    """Returns the first approval that covers the change and has not expired, or None."""
    return next((approval for approval in approvals if approval.covers(change) and today <= approval.expires), None)


def _approval(entry: object) -> Approval:
    table: dict[str, Any] = cast(dict[str, Any], entry) if isinstance(entry, dict) else {}
    unknown = sorted(set(table) - KEYS)
    if unknown:
        raise ApprovalError(f"An approval has unknown keys: {', '.join(unknown)}.")
    subjects = [table[key] for key in ("coordinate", "operation") if key in table]
    subject = subjects[0] if len(subjects) == 1 else None
    if not isinstance(subject, str) or not subject:
        raise ApprovalError("An approval needs exactly one of coordinate and operation.")
    texts = [table.get(key, "") for key in ("code", "member", "reason")]
    if not all(isinstance(text, str) for text in texts) or not texts[2].strip():
        raise ApprovalError(f"The approval of {subject} has no reason.")
    expires = table.get("expires")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise ApprovalError(f"The approval of {subject} has no expiry date, like expires = 2026-12-31.")
    approval = Approval(subject, *texts, expires=expires)
    return approval._replace(coordinate="", operation=subject) if "operation" in table else approval
