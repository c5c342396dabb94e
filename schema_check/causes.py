"""Finds the changes that make operations invalid."""

from collections.abc import Iterable, Mapping, Sequence

from schema_check.changes import SchemaChange, Severity
from schema_check.operations.validation import ValidationIssue, ValidationResult


def find_causes(
    changes: Sequence[SchemaChange], affected: Mapping[SchemaChange, set[int]], validation: ValidationResult
) -> dict[SchemaChange, dict[int, str]]:
    """Returns, for every change, the numbers of the documents that it makes invalid, with the error message.

    An error that no change explains gets a change of its own, with the code OPERATION_INVALID.
    """
    by_coordinate = _by_coordinate(changes)
    causes: dict[SchemaChange, dict[int, str]] = {change: {} for change in changes}
    for number, issues in validation.broken.items():
        for issue in issues:
            candidates = {change: None for at in issue.coordinates for change in by_coordinate.get(at, ())}
            for change in _causes_of(issue, number, list(candidates), affected):
                causes.setdefault(change, {}).setdefault(number, issue.message)
    return causes


def _by_coordinate(changes: Iterable[SchemaChange]) -> dict[str, list[SchemaChange]]:
    """Returns changes by coordinate and member. Changes of arguments and new input fields have their parent too."""
    by_coordinate: dict[str, list[SchemaChange]] = {}
    for change in changes:
        coordinates = [change.coordinate, *([change.member] if change.member else [])]
        if "(" in change.coordinate or change.code == "REQUIRED_INPUT_FIELD_ADDED":
            coordinates.append(change.parent)
        for coordinate in coordinates:
            by_coordinate.setdefault(coordinate, []).append(change)
    return by_coordinate


def _causes_of(
    issue: ValidationIssue,
    number: int,
    candidates: Sequence[SchemaChange],
    affected: Mapping[SchemaChange, set[int]],
) -> Iterable[SchemaChange]:
    """Returns the breaking changes at the coordinates of the error; else the other changes at these coordinates.

    Without any, returns the changes that affect the document and are not safe.
    """
    breaking = [change for change in candidates if change.severity is Severity.BREAKING]
    if breaking or candidates:
        return breaking or candidates
    used = [
        change for change, numbers in affected.items() if number in numbers and change.severity is not Severity.SAFE
    ]
    coordinate = min(issue.coordinates, default="")
    return used or [SchemaChange("OPERATION_INVALID", Severity.BREAKING, coordinate, issue.message)]
