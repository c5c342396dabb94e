"""Which of many operations a change concerns, without asking each of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from schema_check.changes import SchemaChange
from schema_check.operations.uses import Uses

Numbers = set[int]
"""Numbers of operations."""


class OperationIndex:
    """The uses of many operations, turned around: from what is used to who uses it."""

    def __init__(self, uses: Iterable[Uses]) -> None:
        self.elements = _NumbersByCoordinate()
        self.through = _NumbersByCoordinate()
        self.left_out = _NumbersByCoordinate()
        self.types = _NumbersByCoordinate()
        self.reads = _NumbersByCoordinate()
        for number, each in enumerate(uses):
            self.elements.note(each.fields | each.elements, number)
            self.through.note(each.through, number)
            self.left_out.note(each.left_out, number)
            self.types.note(each.types, number)
            self.reads.note(each.reads, number)

    def affected_by(self, change: SchemaChange) -> Numbers:
        return AFFECTED_OPERATIONS[change.code](self, change)


class _NumbersByCoordinate:
    def __init__(self) -> None:
        self._found = defaultdict[str, Numbers](set)

    def note(self, coordinates: Iterable[str], number: int) -> None:
        for coordinate in coordinates:
            self._found[coordinate].add(number)

    def __getitem__(self, coordinate: str) -> Numbers:
        return self._found.get(coordinate, set())


AffectedRule = Callable[[OperationIndex, SchemaChange], Numbers]


def _nobody(_index: OperationIndex, _change: SchemaChange) -> Numbers:
    """What is new, an operation that is older cannot use; and descriptions change nothing."""
    return set()


def _element(index: OperationIndex, change: SchemaChange) -> Numbers:
    return index.elements[change.coordinate]


def _default(index: OperationIndex, change: SchemaChange) -> Numbers:
    """Only what is left out gets the default."""
    return index.left_out[change.coordinate]


def _parent(index: OperationIndex, change: SchemaChange) -> Numbers:
    return index.elements[change.parent] | index.types[change.parent]


def _type(index: OperationIndex, change: SchemaChange) -> Numbers:
    return index.types[change.coordinate]


def _growth(index: OperationIndex, change: SchemaChange) -> Numbers:
    return index.reads[change.type_name]


def _everywhere(index: OperationIndex, change: SchemaChange) -> Numbers:
    at = change.coordinate
    return index.elements[at] | index.through[at] | index.types[at]


def _all(codes: str, rule: AffectedRule) -> dict[str, AffectedRule]:
    return dict.fromkeys(codes.split(), rule)


AFFECTED_OPERATIONS: dict[str, AffectedRule] = {
    **_all("TYPE_ADDED FIELD_ADDED DIRECTIVE_ADDED ROOT_TYPE_ADDED DESCRIPTION_CHANGED", _nobody),
    **_all("OPTIONAL_ARG_ADDED OPTIONAL_INPUT_FIELD_ADDED OPTIONAL_DIRECTIVE_ARG_ADDED", _nobody),
    **_all("DIRECTIVE_REPEATABLE_ADDED DIRECTIVE_LOCATION_ADDED", _nobody),
    **_all("FIELD_REMOVED FIELD_CHANGED_KIND FIELD_CHANGED_KIND_SAFE", _element),
    **_all("ARG_REMOVED ARG_CHANGED_KIND ARG_CHANGED_KIND_SAFE VALUE_REMOVED_FROM_ENUM", _element),
    **_all("DIRECTIVE_REMOVED DIRECTIVE_ARG_REMOVED", _element),
    **_all("SEMANTIC_NON_NULL_REMOVED SEMANTIC_NON_NULL_ADDED", _element),
    **_all("DEPRECATION_ADDED DEPRECATION_REMOVED DEPRECATION_UNDATED", _element),
    **_all("DEPRECATION_DATE_EARLIER DEPRECATION_CHANGED", _element),
    **_all("ARG_DEFAULT_VALUE_CHANGE ARG_DEFAULT_VALUE_ADDED REQUIRED_ARG_DEFAULT_REMOVED", _default),
    **_all("INPUT_FIELD_DEFAULT_VALUE_CHANGE INPUT_FIELD_DEFAULT_VALUE_ADDED", _default),
    "REQUIRED_INPUT_FIELD_DEFAULT_REMOVED": _default,
    **_all("REQUIRED_ARG_ADDED REQUIRED_DIRECTIVE_ARG_ADDED REQUIRED_INPUT_FIELD_ADDED", _parent),
    **_all("TYPE_REMOVED TYPE_CHANGED_KIND ONE_OF_ADDED ONE_OF_REMOVED", _type),
    **_all("SPECIFIED_BY_ADDED SPECIFIED_BY_REMOVED SPECIFIED_BY_CHANGED", _type),
    **_all("ROOT_TYPE_CHANGED ROOT_TYPE_REMOVED", _type),
    **_all("VALUE_ADDED_TO_ENUM TYPE_ADDED_TO_UNION", _growth),
    **_all("COST_RAISED COST_LOWERED", _everywhere),
    **_all("CACHE_SCOPE_WIDENED CACHE_SCOPE_REMOVED CACHE_SCOPE_NARROWED", _everywhere),
    "IMPLEMENTED_INTERFACE_ADDED": lambda index, change: index.reads[change.member],
    "IMPLEMENTED_INTERFACE_REMOVED": lambda index, change: index.types[change.coordinate] & index.types[change.member],
    "TYPE_REMOVED_FROM_UNION": lambda index, change: index.reads[change.coordinate] & index.types[change.member],
    "DIRECTIVE_LOCATION_REMOVED": lambda index, change: index.elements[f"{change.coordinate} on {change.member}"],
    "DIRECTIVE_REPEATABLE_REMOVED": lambda index, change: index.elements[f"{change.coordinate} repeated"],
}
"""Whom each code concerns. Graphql-core's are all here; a test compares."""
