"""From the values that resolvers gave to the values that the answer shows: graphql-core's CompleteValue, by columns.

A column holds one field's values for all objects of a batch; of lists, the items of all of them behind one another.
"""

from asyncio import iscoroutine
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, islice
from types import CoroutineType
from typing import Any

from graphql import GraphQLError
from graphql.pyutils import Undefined, is_iterable

from engine.leaves import to_output
from engine.objects import complete_objects
from engine.positions import Items, Place
from engine.strand import Abandoned, Column, Strand

_NONE = type(None)
_LISTS = {list, tuple}
_COROUTINES = {CoroutineType}


def complete(strand: Strand, place: Place, values: list[Any], depth: int = 0, *, awaited: bool = False) -> Column:
    """The values at one depth of lists, completed. With `awaited` they are results, and not awaited again."""
    field = strand.field
    kinds = set(map(type, values))
    execution = strand.execution
    if kinds == _COROUTINES and not awaited and _all_awaitable(execution.executor, values):
        return _all_late(strand, place, values, depth)
    if not kinds <= execution.regular and execution.irregular(kinds):
        values = _regular(strand, place, values, depth, awaited=awaited)
        kinds = set(map(type, values))
    elif _NONE in kinds and field.nonnull[depth]:
        for index, value in enumerate(values):
            if value is None:
                strand.fail_null(place, index)
    if depth < field.depth:
        lists = values if kinds <= _LISTS else _iterated(strand, place, values, depth)
        return _complete_lists(strand, place, lists, depth)
    if field.leaf is not None:
        return _complete_leaves(strand, place, values, kinds)
    return complete_objects(strand, place, values, kinds)


def _regular(strand: Strand, place: Place, values: list[Any], depth: int, *, awaited: bool) -> list[Any]:
    """The values without awaitables, which follow later, and exceptions, which are failures; None instead."""
    is_awaitable = strand.execution.executor.is_awaitable
    later = [] if awaited else [index for index, value in enumerate(values) if is_awaitable(value)]
    if later:
        _go_on_later(strand, place, later, [values[index] for index in later], depth)
    waits = set(later)
    regular: list[Any] = [None] * len(values)
    for index, value in enumerate(values):
        if index in waits or isinstance(value, Abandoned):
            continue
        if isinstance(value, Exception):
            strand.fail(place, index, value)
        elif value is not None and value is not Undefined:
            regular[index] = value
        elif strand.field.nonnull[depth]:
            strand.fail_null(place, index)
    return regular


def _all_awaitable(executor: Any, values: list[Any]) -> bool:
    return all(map(executor.is_awaitable, values))


def _all_late(strand: Strand, place: Place, values: list[Any], depth: int) -> Column:
    size = len(values)
    _go_on_later(strand, place, range(size), values, depth)
    return [None] * size


def _go_on_later(strand: Strand, place: Place, indices: Sequence[int], awaitables: list[Any], depth: int) -> None:
    strand.go_on_later(
        awaitables,
        place,
        indices,
        lambda strand, place, results: complete(strand, place, results, depth, awaited=True),
    )


def _complete_leaves(strand: Strand, place: Place, values: list[Any], kinds: set[type]) -> Column:
    leaf, convert = strand.field.leaf, strand.field.convert
    assert leaf is not None  # noqa: S101 - said by the caller
    assert convert is not None  # noqa: S101 - every leaf has one
    if kinds == strand.field.exact_kinds:
        return values
    try:
        return [None if value is None else convert(value) for value in values]
    except Exception:  # noqa: BLE001 - met again below, where it is known which value it was
        column: Column = [None] * len(values)
    for index, value in enumerate(values):
        if value is not None:
            try:
                column[index] = to_output(leaf, value)
            except Exception as error:  # noqa: BLE001 - a failure of this value
                strand.fail(place, index, error)
    return column


def _complete_lists(strand: Strand, place: Place, lists: list[Any], depth: int) -> Column:
    """Lists of completed items. `lists` holds lists, tuples and None."""
    inner = Items(place, [0 if each is None else len(each) for each in lists])
    flat = list(chain.from_iterable(each for each in lists if each is not None))
    completed = iter(complete(strand, inner, flat, depth + 1))
    column: Column = [None if each is None else list(islice(completed, len(each))) for each in lists]
    for index, each in enumerate(lists):
        if type(each) is Broken:
            column[index] = None
            strand.execution.failures.add_broken(place.position(index), each.reason, len(each), rounds=strand.rounds)
    return column


def _iterated(strand: Strand, place: Place, values: list[Any], depth: int) -> list[Any]:
    """A list of what each value holds; None where there is nothing to go through, or where it follows later."""
    lists = [_iterate(strand, place, index, value) for index, value in enumerate(values)]
    later = [index for index, each in enumerate(lists) if iscoroutine(each)]
    if later:
        strand.go_on_later(
            [lists[index] for index in later],
            place,
            later,
            lambda strand, place, results: _complete_drained(strand, place, results, depth),
        )
        for index in later:
            lists[index] = None
    return lists


def _complete_drained(strand: Strand, place: Place, results: list[Any], depth: int) -> Column:
    lists = [None if isinstance(result, Abandoned) else result for result in results]
    return _complete_lists(strand, place, lists, depth)


def _iterate(strand: Strand, place: Place, index: int, value: Any) -> Any:
    """A list or tuple, a coroutine that gives one, or None."""
    if value is None or type(value) in _LISTS:
        return value
    if strand.execution.executor.is_async_iterable(value):
        return _drain(value)
    if is_iterable(value):
        return _listed(value)
    where = strand.field.coordinate
    strand.fail(place, index, GraphQLError(f"Expected Iterable, but did not find one for field '{where}'."))
    return None


class Broken(list[Any]):
    """What an iterable gave before it failed, and why it did."""

    reason: Exception


def _broken(items: list[Any], reason: Exception) -> Broken:
    broken = Broken(items)
    broken.reason = reason
    return broken


async def _drain(iterable: Any) -> list[Any]:
    items: list[Any] = []
    iterator: Any = None
    try:
        iterator = aiter(iterable)
        async for item in iterator:
            items.append(item)  # noqa: PERF401 - what came before an exception is kept
    except Exception as error:  # noqa: BLE001 - a failure of the list, after these items
        with suppress(Exception):
            await iterator.aclose()
        return _broken(items, error)
    return items


def _listed(iterable: Any) -> list[Any]:
    items: list[Any] = []
    try:
        items.extend(iterable)
    except Exception as error:  # noqa: BLE001 - a failure of the list, after these items
        return _broken(items, error)
    return items
