"""Finds the operations that a change affects with an index from schema elements to operations."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from schema_check.changes import SchemaChange
from schema_check.operations.uses import Uses

Numbers = set[int]
"""Numbers of operations."""


class OperationIndex:
    """Maps the schema elements that operations use to the numbers of the operations."""

    def __init__(self, uses: Iterable[Uses]) -> None:
        self.elements = _NumbersByCoordinate()
        self.implementations = _NumbersByCoordinate()
        self.omitted = _NumbersByCoordinate()
        self.types = _NumbersByCoordinate()
        self.output_types = _NumbersByCoordinate()
        for number, operation in enumerate(uses):
            self.elements.note(operation.fields | operation.elements, number)
            self.implementations.note(operation.implementations, number)
            self.omitted.note(operation.omitted, number)
            self.types.note(operation.types, number)
            self.output_types.note(operation.output_types, number)

    def affected_by(self, change: SchemaChange) -> Numbers:
        """Returns the numbers of the operations that a change affects."""
        return AFFECTED_OPERATIONS[change.code](self, change)


class _NumbersByCoordinate:
    def __init__(self) -> None:
        self._numbers = defaultdict[str, Numbers](set)

    def note(self, coordinates: Iterable[str], number: int) -> None:
        for coordinate in coordinates:
            self._numbers[coordinate].add(number)

    def __getitem__(self, coordinate: str) -> Numbers:
        return self._numbers.get(coordinate, set())


AffectedRule = Callable[[OperationIndex, SchemaChange], Numbers]


def _none(_index: OperationIndex, _change: SchemaChange) -> Numbers:
    """Returns no operation. Existing operations do not use new elements, and descriptions have no effect on them."""
    return set()


def _element(index: OperationIndex, change: SchemaChange) -> Numbers:
    return index.elements[change.coordinate]


def _default(index: OperationIndex, change: SchemaChange) -> Numbers:
    """Returns the operations that omit the element, and so get its default."""
    return index.omitted[change.coordinate]


def _parent(index: OperationIndex, change: SchemaChange) -> Numbers:
    return index.elements[change.parent] | index.types[change.parent]


def _type(index: OperationIndex, change: SchemaChange) -> Numbers:
    return index.types[change.coordinate]


def _growth(index: OperationIndex, change: SchemaChange) -> Numbers:
    return index.output_types[change.type_name]


def _any_use(index: OperationIndex, change: SchemaChange) -> Numbers:
    at = change.coordinate
    return index.elements[at] | index.implementations[at] | index.types[at]


def _all(codes: str, rule: AffectedRule) -> dict[str, AffectedRule]:
    return dict.fromkeys(codes.split(), rule)


AFFECTED_OPERATIONS: dict[str, AffectedRule] = {
    **_all("TYPE_ADDED FIELD_ADDED DIRECTIVE_ADDED ROOT_TYPE_ADDED DESCRIPTION_CHANGED", _none),
    **_all("OPTIONAL_ARG_ADDED OPTIONAL_INPUT_FIELD_ADDED OPTIONAL_DIRECTIVE_ARG_ADDED", _none),
    **_all("DIRECTIVE_REPEATABLE_ADDED DIRECTIVE_LOCATION_ADDED", _none),
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
    **_all("COST_RAISED COST_LOWERED", _any_use),
    **_all("CACHE_SCOPE_WIDENED CACHE_SCOPE_REMOVED CACHE_SCOPE_NARROWED", _any_use),
    "IMPLEMENTED_INTERFACE_ADDED": lambda index, change: index.output_types[change.member],
    "IMPLEMENTED_INTERFACE_REMOVED": lambda index, change: index.types[change.coordinate] & index.types[change.member],
    "TYPE_REMOVED_FROM_UNION": lambda index, change: index.output_types[change.coordinate] & index.types[change.member],
    "DIRECTIVE_LOCATION_REMOVED": lambda index, change: index.elements[f"{change.coordinate} on {change.member}"],
    "DIRECTIVE_REPEATABLE_REMOVED": lambda index, change: index.elements[f"{change.coordinate} repeated"],
}
"""The function that finds the affected operations, by the code of the change. A test compares it with graphql-core."""
