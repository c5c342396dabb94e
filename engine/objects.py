"""Completion of objects: resolves the object type of each value, and executes a batch per object type."""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLObjectType
from graphql.execution import default_type_resolver
from graphql.execution.executor import invalid_return_type_error

from engine.declarations import Typename, declaration
from engine.field_execution import Abandoned, ColumnValues, FieldExecution
from engine.graphql_core import AnyInfo
from engine.info import info_for, info_maker
from engine.positions import Batch, Slots

_NONE = type(None)
_DICT = {dict}

Members = Sequence[int] | None
"""Indices of a subset of the values, or None for all values."""


def complete_objects(
    field_execution: FieldExecution, slots: Slots, values: list[Any], kinds: set[type]
) -> ColumnValues:
    """Returns one dict per value, with None for null and for failures."""
    if not values:
        return []
    field = field_execution.field
    selection = field.selection
    typename = field.typename
    if selection is not None and _NONE not in kinds and (typename is None or _all_match(typename, values, kinds)):
        batch = Batch(selection, values, kinds, slots, None, field_execution.rounds)
        return field_execution.execution.execute_batch(batch)
    members: Members = None
    if _NONE in kinds:
        members = [index for index, value in enumerate(values) if value is not None]
        kinds.discard(_NONE)
    objects = Objects(field_execution, slots, values, kinds)
    object_type = field.object_type
    return objects.of_type(object_type, members) if object_type is not None else objects.of_any_type(members)


def _all_match(declared: Typename, sources: list[Any], kinds: set[type]) -> bool:
    """Returns whether all sources are dicts that contain the declared type name, or none."""
    if kinds != _DICT:
        return False
    key, name = declared
    return [source.get(key, name) for source in sources].count(name) == len(sources)


class Objects:
    """Completes the objects of one column, of the classes `kinds`. Each method returns a column as long as `values`.

    `awaited` is true if their types were awaited, which graphql-core does in a coroutine.
    """

    __slots__ = ("_awaited", "_field_execution", "_kinds", "_slots", "_values")

    def __init__(
        self,
        field_execution: FieldExecution,
        slots: Slots,
        values: list[Any],
        kinds: set[type],
        *,
        awaited: bool = False,
    ) -> None:
        self._awaited = awaited
        self._field_execution = field_execution
        self._slots = slots
        self._values = values
        self._kinds = kinds

    def of_type(self, object_type: GraphQLObjectType, members: Members) -> ColumnValues:
        """Returns the dicts of members that must be of one object type. Other members fail."""
        is_type_of: Any = object_type.is_type_of
        declared = declaration(object_type)
        sources = self._values if members is None else [self._values[index] for index in members]
        if is_type_of is None or (isinstance(declared, Typename) and _all_match(declared, sources, self._kinds)):
            return self._execute(object_type, members)

        def complete_checked(objects: "Objects", indices: Sequence[int], matches: list[Any]) -> ColumnValues:
            return objects.checked(object_type, indices, matches)

        return self._resolve_types(self._all(members), is_type_of, complete_checked)

    def of_any_type(self, members: Members) -> ColumnValues:
        """Returns the dicts of members, each of the object type that the interface or union resolves it to."""
        indices = self._all(members)
        names = self._typenames([self._values[index] for index in indices])
        if names is not None:
            return self.named(indices, names)
        named_type: Any = self._field_execution.field.named_type
        resolver = named_type.resolve_type or self._field_execution.execution.executor.type_resolver
        return self._resolve_types(indices, lambda value, info: resolver(value, info, named_type), Objects.named)

    def checked(self, object_type: GraphQLObjectType, indices: Sequence[int], matches: list[Any]) -> ColumnValues:
        """Returns the dicts of the values for which `is_type_of` returned true. The others fail."""
        members: list[int] = []
        for index, match in zip(indices, matches, strict=True):
            if isinstance(match, Exception):
                self._fail(index, match)
            elif not match:
                details = self._field_execution.field.details
                self._fail(index, invalid_return_type_error(object_type, self._values[index], details))
            else:
                members.append(index)
        return self._execute(object_type, members)

    def named(self, indices: Sequence[int], names: list[Any]) -> ColumnValues:
        """Returns the dicts of objects whose type names have been resolved."""
        by_type: dict[GraphQLObjectType, list[int]] = {}
        for index, name in zip(indices, names, strict=True):
            try:
                by_type.setdefault(self._valid_type(index, name), []).append(index)
            except Exception as error:  # noqa: BLE001 - a failure of this value
                self._fail(index, error)
        column: ColumnValues = [None] * len(self._values)
        for object_type, members in by_type.items():
            outputs = self.of_type(object_type, members)
            for index in members:
                column[index] = outputs[index]
        return column

    def _execute(self, object_type: GraphQLObjectType, members: Members) -> ColumnValues:
        field_execution, values = self._field_execution, self._values
        sources = values if members is None else [values[index] for index in members]
        if not sources:
            return [None] * len(values)
        field, execution = field_execution.field, field_execution.execution
        try:
            selection = field.selected(execution.executor, object_type, field_execution.batch.selection)
        except GraphQLError as error:
            for index in self._all(members):
                self._fail(index, error)
            return [None] * len(values)
        batch = Batch(selection, sources, self._kinds, self._slots, members, field_execution.rounds)
        outputs = execution.execute_batch(batch)
        if members is None:
            return outputs
        column: ColumnValues = [None] * len(values)
        for index, output in zip(members, outputs, strict=True):
            column[index] = output
        return column

    def _typenames(self, sources: list[Any]) -> list[Any] | None:
        """Returns the type names that the sources contain, or None if a type resolver has to be called."""
        named_type: Any = self._field_execution.field.named_type
        type_resolver = self._field_execution.execution.executor.type_resolver
        declared = declaration(named_type)
        if isinstance(declared, Typename):
            key = declared.key
        elif named_type.resolve_type is None and type_resolver is default_type_resolver:
            key = "__typename"
        else:
            return None
        if self._kinds != _DICT:
            return None
        names = [source.get(key) for source in sources]
        return names if set(map(type, names)) <= {str} else None

    def _valid_type(self, index: int, name: Any) -> GraphQLObjectType:
        field, executor = self._field_execution.field, self._field_execution.execution.executor
        object_type = field.runtime_types.get(name) if isinstance(name, str) else None
        if object_type is None:
            if isinstance(name, Exception):
                raise name
            named_type: Any = field.named_type
            info = info_for(executor, field, self._field_execution.batch, self._slots.position(index).index)
            value = self._values[index]
            object_type = executor.ensure_valid_runtime_type(name, named_type, field.details, info, value)
            field.add_runtime_type(name, object_type, executor)
        return object_type

    def _resolve_types(
        self,
        indices: Sequence[int],
        resolve: Callable[[Any, AnyInfo], Any],
        continuation: "Callable[[Objects, Sequence[int], list[Any]], ColumnValues]",
    ) -> ColumnValues:
        """Calls a type resolver or `is_type_of` for each value, and passes results and exceptions to `continuation`."""
        executor = self._field_execution.execution.executor
        info_of = info_maker(executor, self._field_execution.field, self._field_execution.batch)
        results: dict[int, Any] = {}
        for index in indices:
            try:
                results[index] = resolve(self._values[index], info_of(self._slots.position(index).index))
            except Exception as error:  # noqa: BLE001 - a failure of this value
                results[index] = error
        pending = [index for index, result in results.items() if executor.is_awaitable(result)]
        if pending:
            values, kinds = [self._values[index] for index in pending], self._kinds

            def complete_awaited(field_execution: FieldExecution, slots: Slots, awaited: list[Any]) -> ColumnValues:
                objects = Objects(field_execution, slots, values, kinds, awaited=True)
                return continuation(objects, range(len(values)), awaited)

            awaitables = [results.pop(index) for index in pending]
            self._field_execution.complete_later(awaitables, self._slots, pending, complete_awaited)
        return continuation(self, list(results), list(results.values()))

    def _fail(self, index: int, error: Exception) -> None:
        if self._awaited and isinstance(error, StopIteration):
            error = RuntimeError("coroutine raised StopIteration")  # as Python converts it by PEP 479
        if not isinstance(error, Abandoned):
            self._field_execution.fail(self._slots, index, error)

    def _all(self, members: Members) -> Sequence[int]:
        return range(len(self._values)) if members is None else members
