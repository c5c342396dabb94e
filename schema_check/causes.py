"""Which change made an operation invalid."""

from collections.abc import Iterable, Mapping, Sequence

from schema_check.changes import SchemaChange, Severity
from schema_check.operations.validation import ValidationIssue, ValidationResult


def find_causes(
    changes: Sequence[SchemaChange], affected: Mapping[SchemaChange, set[int]], validation: ValidationResult
) -> dict[SchemaChange, dict[int, str]]:
    """For every change the documents that it makes invalid, and why. What no change explains gets one of its own."""
    places = _places(changes)
    causes: dict[SchemaChange, dict[int, str]] = {change: {} for change in changes}
    for number, issues in validation.broken.items():
        for issue in issues:
            about = {change: None for at in issue.coordinates for change in places.get(at, ())}
            for change in _guilty(issue, number, list(about), affected):
                causes.setdefault(change, {}).setdefault(number, issue.message)
    return causes


def _places(changes: Iterable[SchemaChange]) -> dict[str, list[SchemaChange]]:
    """Changes by what they are about, and new arguments by what they are of."""
    places: dict[str, list[SchemaChange]] = {}
    for change in changes:
        of = [change.coordinate, *([change.member] if change.member else [])]
        inside = "(" in change.coordinate or change.code == "REQUIRED_INPUT_FIELD_ADDED"
        for place in [*of, change.parent] if inside else of:
            places.setdefault(place, []).append(change)
    return places


def _guilty(
    issue: ValidationIssue, number: int, about: Sequence[SchemaChange], affected: Mapping[SchemaChange, set[int]]
) -> Iterable[SchemaChange]:
    """What is breaking and about the very place; else what is about it; else what is breaking and used elsewhere."""
    breaking = [change for change in about if change.severity is Severity.BREAKING]
    if breaking or about:
        return breaking or about
    used = [
        change for change, numbers in affected.items() if number in numbers and change.severity is not Severity.SAFE
    ]
    coordinate = min(issue.coordinates, default="")
    return used or [SchemaChange("OPERATION_INVALID", Severity.BREAKING, coordinate, issue.message)]
