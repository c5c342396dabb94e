"""`schema-approvals.toml`: changes that may break somebody, by decision, until a day.

```toml
[[approval]]
coordinate = "User.handle"
code = "FIELD_REMOVED"      # any change of the coordinate, when it is left out
reason = "Nobody is on 3.x any more, says support."
expires = 2026-12-31

[[approval]]
operation = "Me"            # instead of a coordinate: an operation that was invalid before
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
    """An approval that cannot be used, and why, in one sentence."""


class Approval(NamedTuple):
    """A decision that a change may pass."""

    coordinate: str
    code: str
    member: str
    reason: str
    expires: date
    """The last day on which it counts."""
    operation: str = ""
    """The name of an operation that may be invalid. Then the coordinate is empty."""

    def is_of(self, change: SchemaChange) -> bool:
        return (
            not self.operation
            and self.coordinate == change.coordinate
            and self.code in ("", change.code)
            and self.member in ("", change.member)
        )


def read_approvals(text: str) -> list[Approval]:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ApprovalError(f"The approvals are not TOML: {error}.") from None
    entries = data.get("approval", [])
    if set(data) - {"approval"} or not isinstance(entries, list):
        raise ApprovalError("The approvals hold something else than [[approval]] tables.")
    return [_approval(entry) for entry in cast(list[object], entries)]


def find_approval(approvals: Sequence[Approval], change: SchemaChange, today: date) -> Approval | None:
    return next((each for each in approvals if each.is_of(change) and today <= each.expires), None)


def _approval(entry: object) -> Approval:
    said: dict[str, Any] = cast(dict[str, Any], entry) if isinstance(entry, dict) else {}
    unknown = set(said) - KEYS
    of = [said[key] for key in ("coordinate", "operation") if key in said]
    coordinate = of[0] if len(of) == 1 else None
    if not isinstance(coordinate, str) or not coordinate or unknown:
        listed = ", ".join(sorted(unknown)) or "none"
        raise ApprovalError(f"An approval has not one coordinate or operation, or has unknown keys: {listed}.")
    texts = [said.get(key, "") for key in ("code", "member", "reason")]
    if not all(isinstance(text, str) for text in texts) or not texts[2].strip():
        raise ApprovalError(f"The approval of {coordinate} has no reason.")
    expires = said.get("expires")
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise ApprovalError(f"The approval of {coordinate} has no day on which it expires, like expires = 2026-12-31.")
    made = Approval(coordinate, *texts, expires=expires)
    return made._replace(coordinate="", operation=coordinate) if "operation" in said else made
