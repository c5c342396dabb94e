"""Which change made an operation invalid."""

from collections.abc import Iterable, Mapping, Sequence

from schema_check.changes import Change, Level
from schema_check.operations.validity import Fault, Validity


def blame(
    changes: Sequence[Change], concerned: Mapping[Change, set[int]], validity: Validity
) -> dict[Change, dict[int, str]]:
    """For every change the documents that it makes invalid, and why. What no change explains gets one of its own."""
    places = _places(changes)
    blamed: dict[Change, dict[int, str]] = {change: {} for change in changes}
    for number, faults in validity.broken.items():
        for fault in faults:
            about = {change: None for at in fault.coordinates for change in places.get(at, ())}
            for change in _guilty(fault, number, list(about), concerned):
                blamed.setdefault(change, {}).setdefault(number, fault.message)
    return blamed


def _places(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes by what they are about, and new arguments by what they are of."""
    places: dict[str, list[Change]] = {}
    for change in changes:
        of = [change.coordinate, *([change.member] if change.member else [])]
        inside = "(" in change.coordinate or change.code == "REQUIRED_INPUT_FIELD_ADDED"
        for place in [*of, change.parent] if inside else of:
            places.setdefault(place, []).append(change)
    return places


def _guilty(
    fault: Fault, number: int, about: Sequence[Change], concerned: Mapping[Change, set[int]]
) -> Iterable[Change]:
    """What is breaking and about the very place; else what is about it; else what is breaking and used elsewhere."""
    breaking = [change for change in about if change.level is Level.BREAKING]
    if breaking or about:
        return breaking or about
    used = [change for change, numbers in concerned.items() if number in numbers and change.level is not Level.SAFE]
    coordinate = min(fault.coordinates, default="")
    return used or [Change("OPERATION_INVALID", Level.BREAKING, coordinate, fault.message)]
