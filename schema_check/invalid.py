"""Reports operations that were invalid before the change. They are errors unless an approval covers them."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from schema_check.approvals import Approval
from schema_check.live_operations import LiveOperation, LiveOperations
from schema_check.manifests import ANONYMOUS
from schema_check.operations.validation import ValidationIssue, ValidationResult
from schema_check.wording import count_of

CODE = "OPERATION_INVALID"


class InvalidOperations(NamedTuple):
    """Holds one sentence for each invalid operation."""

    errors: list[str]
    warnings: list[str]
    """The sentences of approved operations."""


def find_invalid_operations(
    live: LiveOperations, validation: ValidationResult, approvals: Sequence[Approval], today: date
) -> InvalidOperations:
    """Returns the errors and warnings for live operations that are invalid against both schemas."""
    result = InvalidOperations([], [])
    current = [approval for approval in approvals if today <= approval.expires]
    by_number: dict[int, list[LiveOperation]] = {}
    for operation in live.operations:
        by_number.setdefault(operation.number, []).append(operation)
    for number, issues in sorted(validation.invalid_before.items()):
        if number not in by_number:
            continue
        users = by_number[number]
        subject = _subject(users)
        covers = [_approval_of(issue, users, current) for issue in issues]
        uncovered = [issue for issue, approval in zip(issues, covers, strict=True) if approval is None]
        if uncovered:
            more = f" ({count_of(len(uncovered) - 1, 'more validation error')})" if len(uncovered) > 1 else ""
            message = f"{subject} was invalid before this change: {uncovered[0].message}{more}"
            result.errors.append(f"{live.files.get(users[0], '')}: {message}")
        elif covers[0]:
            result.warnings.append(f"{subject} is invalid; approved until {covers[0].expires}: {covers[0].reason}")
    return result


def _subject(users: Sequence[LiveOperation]) -> str:
    first = users[0]
    more = f" (and {count_of(len(users) - 1, 'more version')})" if len(users) > 1 else ""
    return f"{first.app} {first.name or ANONYMOUS}{more}"


def _approval_of(
    issue: ValidationIssue, users: Sequence[LiveOperation], approvals: Sequence[Approval]
) -> Approval | None:
    names = {operation.name or ANONYMOUS for operation in users}
    for approval in approvals:
        is_covered = approval.operation in names if approval.operation else approval.coordinate in issue.coordinates
        if is_covered and approval.code in ("", CODE):
            return approval
    return None
