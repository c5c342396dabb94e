"""Resolution of a field's values for a batch: by a reader, by one call for the level, or object by object."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from inspect import isawaitable
from itertools import repeat
from typing import Any

from engine.declarations import Direct
from engine.field_execution import FieldExecution
from engine.graphql_core import AnyInfo
from engine.info import info_for, info_maker

ResolvedValues = list[Any] | Awaitable[Sequence[Any]]
"""One value or exception per object, or an awaitable of these for the whole level."""


def resolve(field_execution: FieldExecution, *, by_resolver: bool) -> ResolvedValues:
    """Returns the values of a field. With `by_resolver`, ignores a reader that the schema declares."""
    field = field_execution.field
    if field.reader is not None and not by_resolver:
        values = _read(field_execution)
        if values is not None:
            return values
    try:
        arguments, shared = field.arguments.values(field_execution.execution.executor)
    except Exception as error:  # noqa: BLE001 - a failure of the field, for every object
        return one_value_per_source(field_execution, error)
    if field.level is not None:
        return _resolve_level(field_execution, arguments)
    return _resolve_each(field_execution, arguments, shared=shared)


def one_value_per_source(field_execution: FieldExecution, result: Any) -> list[Any]:
    """Returns the result of a level as one value per object. An exception becomes the value of each object."""
    size = len(field_execution.batch.sources)
    if isinstance(result, Exception):
        return [result] * size
    values = list(result)
    if len(values) != size:
        return [RuntimeError(f"{field_execution.field.coordinate}: {len(values)} values for {size} objects.")] * size
    return values


def _read(field_execution: FieldExecution) -> list[Any] | None:
    """Returns the values that the field's reader reads, or None if the resolver has to be called."""
    reader, batch = field_execution.field.reader, field_execution.batch
    assert reader is not None  # noqa: S101 - checked by the caller
    try:
        values = reader.read(batch.variant, batch.sources)
    except Exception:  # noqa: BLE001 - the resolver raises it again, object by object
        return None
    if (
        values is not None
        and reader.finds_callables
        and field_execution.execution.has_irregular(set(map(type, values)))
    ):
        return None if any(map(callable, values)) else values
    return values


def _resolve_level(field_execution: FieldExecution, arguments: dict[str, Any]) -> ResolvedValues:
    field, batch = field_execution.field, field_execution.batch
    assert field.level is not None  # noqa: S101 - checked by the caller
    try:
        info = info_for(field_execution.execution.executor, field, batch, 0)
        values = field.level.resolve(batch.sources, info, **arguments)
    except Exception as error:  # noqa: BLE001 - a failure of the field, for every object
        return one_value_per_source(field_execution, error)
    return values if isawaitable(values) else one_value_per_source(field_execution, values)


def _resolve_each(field_execution: FieldExecution, arguments: dict[str, Any], *, shared: bool) -> list[Any]:
    field, batch, executor = field_execution.field, field_execution.batch, field_execution.execution.executor
    info_of = info_maker(executor, field, batch)
    infos = repeat(info_of(0)) if field.shares_info else map(info_of, range(len(batch.sources)))
    if field.direct is not None and shared:
        return _call_directly(field.direct, arguments, batch.sources, infos)
    positional = zip(batch.sources, infos, strict=False)
    resolver = field.definition.resolve or executor.field_resolver
    if shared:
        return _call_each(partial(resolver, **arguments) if arguments else resolver, positional)

    def resolve_with_fresh(source: Any, info: AnyInfo) -> Any:
        return resolver(source, info, **field.arguments.fresh(executor))

    return _call_each(resolve_with_fresh, positional)


def _call_directly(
    direct: Direct, arguments: dict[str, Any], sources: list[Any], infos: Iterable[AnyInfo]
) -> list[Any]:
    keywords = {direct.names[name]: value for name, value in arguments.items()}
    function = partial(direct.function, **keywords) if keywords else direct.function
    positional = [sources if role == "source" else map(direct.wrap_info, infos) for role in direct.takes]
    return _call_each(function, zip(*positional, strict=False) if positional else repeat((), len(sources)))


def _call_each(function: Callable[..., Any], calls: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Calls a function once per tuple of arguments. Returns its results, or exceptions in their place."""
    values: list[Any] = []
    for arguments in calls:
        try:
            values.append(function(*arguments))
        except Exception as error:  # noqa: BLE001 - a failure of this object's field
            values.append(error)
    return values
