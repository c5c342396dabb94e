"""Completion of resolved values: the algorithm CompleteValue of the GraphQL specification, one column at a time.

A column contains the values of one field for all objects of a batch. For list fields, the items of all lists are
completed as one concatenated column.
"""

from asyncio import iscoroutine
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, islice
from types import CoroutineType
from typing import Any

from graphql import GraphQLError
from graphql.pyutils import Undefined, is_iterable

from engine.field_execution import Abandoned, ColumnValues, FieldExecution
from engine.leaves import to_output
from engine.objects import complete_objects
from engine.positions import ItemSlots, Slots

_NONE = type(None)
_LISTS = {list, tuple}
_COROUTINES = {CoroutineType}


def complete(
    field_execution: FieldExecution, slots: Slots, values: list[Any], depth: int = 0, *, awaited: bool = False
) -> ColumnValues:
    """Returns the completed values of one list depth. With `awaited` the values are results of awaitables already."""
    field = field_execution.field
    kinds = set(map(type, values))
    execution = field_execution.execution
    if kinds == _COROUTINES and not awaited and _all_awaitable(execution.executor, values):
        return _complete_all_later(field_execution, slots, values, depth)
    if not kinds <= execution.regular_types and execution.has_irregular(kinds):
        values = _regular(field_execution, slots, values, depth, awaited=awaited)
        kinds = set(map(type, values))
    elif _NONE in kinds and field.nonnull[depth]:
        for index, value in enumerate(values):
            if value is None:
                field_execution.fail_null(slots, index)
    if depth < field.depth:
        lists = values if kinds <= _LISTS else _to_lists(field_execution, slots, values, depth)
        return _complete_lists(field_execution, slots, lists, depth)
    if field.leaf is not None:
        return _complete_leaves(field_execution, slots, values, kinds)
    return complete_objects(field_execution, slots, values, kinds)


def _regular(
    field_execution: FieldExecution, slots: Slots, values: list[Any], depth: int, *, awaited: bool
) -> list[Any]:
    """Returns the values, with None for awaitables and exceptions.

    Awaitables are scheduled for later completion, exceptions are recorded as failures.
    """
    is_awaitable = field_execution.execution.executor.is_awaitable
    later = [] if awaited else [index for index, value in enumerate(values) if is_awaitable(value)]
    if later:
        _complete_later(field_execution, slots, later, [values[index] for index in later], depth)
    scheduled = set(later)
    regular: list[Any] = [None] * len(values)
    for index, value in enumerate(values):
        if index in scheduled or isinstance(value, Abandoned):
            continue
        if isinstance(value, Exception):
            field_execution.fail(slots, index, value)
        elif value is not None and value is not Undefined:
            regular[index] = value
        elif field_execution.field.nonnull[depth]:
            field_execution.fail_null(slots, index)
    return regular


def _all_awaitable(executor: Any, values: list[Any]) -> bool:
    return all(map(executor.is_awaitable, values))


def _complete_all_later(field_execution: FieldExecution, slots: Slots, values: list[Any], depth: int) -> ColumnValues:
    size = len(values)
    _complete_later(field_execution, slots, range(size), values, depth)
    return [None] * size


def _complete_later(
    field_execution: FieldExecution, slots: Slots, indices: Sequence[int], awaitables: list[Any], depth: int
) -> None:
    field_execution.complete_later(
        awaitables,
        slots,
        indices,
        lambda field_execution, slots, results: complete(field_execution, slots, results, depth, awaited=True),
    )


def _complete_leaves(
    field_execution: FieldExecution, slots: Slots, values: list[Any], kinds: set[type]
) -> ColumnValues:
    leaf, convert = field_execution.field.leaf, field_execution.field.convert
    assert leaf is not None  # noqa: S101 - checked by the caller
    assert convert is not None  # noqa: S101 - every leaf has a converter
    if kinds == field_execution.field.exact_kinds:
        return values
    try:
        return [None if value is None else convert(value) for value in values]
    except Exception:  # noqa: BLE001 - raised again below, for the value that caused it
        column: ColumnValues = [None] * len(values)
    for index, value in enumerate(values):
        if value is not None:
            try:
                column[index] = to_output(leaf, value)
            except Exception as error:  # noqa: BLE001 - a failure of this value
                field_execution.fail(slots, index, error)
    return column


def _complete_lists(field_execution: FieldExecution, slots: Slots, lists: list[Any], depth: int) -> ColumnValues:
    """Returns lists of completed items. `lists` contains lists, tuples and None."""
    inner = ItemSlots(slots, [0 if items is None else len(items) for items in lists])
    flat = list(chain.from_iterable(items for items in lists if items is not None))
    completed = iter(complete(field_execution, inner, flat, depth + 1))
    column: ColumnValues = [None if items is None else list(islice(completed, len(items))) for items in lists]
    failures = field_execution.execution.failures
    for index, items in enumerate(lists):
        if type(items) is PartialList:
            column[index] = None
            failures.add_partial_list(slots.position(index), items.error, len(items), rounds=field_execution.rounds)
    return column


def _to_lists(field_execution: FieldExecution, slots: Slots, values: list[Any], depth: int) -> list[Any]:
    """Returns the items of each value as a list; None for null, for failures, and for async iterables.

    Async iterables are completed later.
    """
    lists = [_to_list(field_execution, slots, index, value) for index, value in enumerate(values)]
    later = [index for index, items in enumerate(lists) if iscoroutine(items)]
    if later:
        field_execution.complete_later(
            [lists[index] for index in later],
            slots,
            later,
            lambda field_execution, slots, results: _complete_drained(field_execution, slots, results, depth),
        )
        for index in later:
            lists[index] = None
    return lists


def _complete_drained(field_execution: FieldExecution, slots: Slots, results: list[Any], depth: int) -> ColumnValues:
    lists = [None if isinstance(result, Abandoned) else result for result in results]
    return _complete_lists(field_execution, slots, lists, depth)


def _to_list(field_execution: FieldExecution, slots: Slots, index: int, value: Any) -> Any:
    """Returns a list or tuple, a coroutine that returns one, or None."""
    if value is None or type(value) in _LISTS:
        return value
    if field_execution.execution.executor.is_async_iterable(value):
        return _drain(value)
    if is_iterable(value):
        return _iterate(value)
    coordinate = field_execution.field.coordinate
    error = GraphQLError(f"Expected Iterable, but did not find one for field '{coordinate}'.")
    field_execution.fail(slots, index, error)
    return None


class PartialList(list[Any]):
    """The items that an iterable yielded before it raised `error`."""

    error: Exception


def _partial_list(items: list[Any], error: Exception) -> PartialList:
    partial = PartialList(items)
    partial.error = error
    return partial


async def _drain(iterable: Any) -> list[Any]:
    items: list[Any] = []
    iterator: Any = None
    try:
        iterator = aiter(iterable)
        async for item in iterator:
            items.append(item)  # noqa: PERF401 - the items before an exception are needed
    except Exception as error:  # noqa: BLE001 - a failure of the list, after these items
        with suppress(Exception):
            await iterator.aclose()
        return _partial_list(items, error)
    return items


def _iterate(iterable: Any) -> list[Any]:
    items: list[Any] = []
    try:
        items.extend(iterable)
    except Exception as error:  # noqa: BLE001 - a failure of the list, after these items
        return _partial_list(items, error)
    return items
