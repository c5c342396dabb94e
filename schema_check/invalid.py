"""Operations that were invalid before the change: errors, unless an approval covers them."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from schema_check.approvals import Approval
from schema_check.live_operations import LiveOperation, LiveOperations
from schema_check.manifests import ANONYMOUS
from schema_check.operations.validation import ValidationIssue, ValidationResult

CODE = "OPERATION_INVALID"


class InvalidOperations(NamedTuple):
    """One sentence for each operation."""

    errors: list[str]
    warnings: list[str]
    """Of those that an approval covers."""


def find_invalid_operations(
    live: LiveOperations, validation: ValidationResult, approvals: Sequence[Approval], today: date
) -> InvalidOperations:
    made = InvalidOperations([], [])
    valid = [each for each in approvals if today <= each.expires]
    by_number: dict[int, list[LiveOperation]] = {}
    for operation in live.operations:
        by_number.setdefault(operation.number, []).append(operation)
    for number, issues in sorted(validation.invalid_before.items()):
        if number not in by_number:
            continue
        users = by_number[number]
        who = _who(users)
        covers = [_covering(valid, issue, users) for issue in issues]
        uncovered = [issue for issue, cover in zip(issues, covers, strict=True) if cover is None]
        if uncovered:
            more = f" And {len(uncovered) - 1} more issues." if len(uncovered) > 1 else ""
            why = f"{who} was invalid before this change: {uncovered[0].message}{more}"
            made.errors.append(f"{live.files.get(users[0], '')}: {why}")
        elif covers[0]:
            made.warnings.append(f"{who} is invalid; approved until {covers[0].expires}: {covers[0].reason}")
    return made


def _who(users: Sequence[LiveOperation]) -> str:
    first = users[0]
    more = f" (and of {len(users) - 1} more versions)" if len(users) > 1 else ""
    return f"{first.app.app} {first.app.version} {first.name or ANONYMOUS}{more}"


def _covering(approvals: Sequence[Approval], issue: ValidationIssue, users: Sequence[LiveOperation]) -> Approval | None:
    names = {operation.name or ANONYMOUS for operation in users}
    return next(
        (
            each
            for each in approvals
            if each.code in ("", CODE)
            and (each.operation in names if each.operation else each.coordinate in issue.coordinates)
        ),
        None,
    )
