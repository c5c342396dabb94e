"""Getting a field's values for a batch: read, asked for the whole level, or resolved object by object."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from inspect import isawaitable
from itertools import repeat
from typing import Any

from engine.declarations import Direct
from engine.graphql_core import AnyInfo
from engine.info import info_for, info_maker
from engine.strand import Strand

Values = list[Any] | Awaitable[Sequence[Any]]
"""One value per object, exceptions standing for themselves; awaitable when the whole level is."""


def resolve(strand: Strand, *, by_resolver: bool) -> Values:
    """The values of a field; with `by_resolver` from its resolver, whatever the schema declares."""
    field = strand.field
    if field.reader is not None and not by_resolver:
        values = _read(strand)
        if values is not None:
            return values
    try:
        arguments, shared = field.arguments.values(strand.execution.executor)
    except Exception as error:  # noqa: BLE001 - a failure of the field, for every object
        return one_each(strand, error)
    if field.level is not None:
        return _resolve_level(strand, arguments)
    return _resolve_each(strand, arguments, shared=shared)


def one_each(strand: Strand, result: Any) -> list[Any]:
    """What a level gave, as one value per object; an exception for each of them."""
    size = len(strand.batch.sources)
    if isinstance(result, Exception):
        return [result] * size
    values = list(result)
    if len(values) != size:
        return [RuntimeError(f"{strand.field.coordinate}: {len(values)} values for {size} objects.")] * size
    return values


def _read(strand: Strand) -> list[Any] | None:
    """None when a resolver has to be called after all."""
    reader, batch = strand.field.reader, strand.batch
    assert reader is not None  # noqa: S101 - said by the caller
    try:
        values = reader.read(batch.variant, batch.sources)
    except Exception:  # noqa: BLE001 - the resolver meets it again, object by object
        return None
    if values is not None and reader.finds_callables and strand.execution.irregular(set(map(type, values))):
        return None if any(map(callable, values)) else values
    return values


def _resolve_level(strand: Strand, arguments: dict[str, Any]) -> Values:
    field, batch = strand.field, strand.batch
    assert field.level is not None  # noqa: S101 - said by the caller
    try:
        values = field.level.resolve(batch.sources, info_for(strand.execution.executor, field, batch, 0), **arguments)
    except Exception as error:  # noqa: BLE001 - a failure of the field, for every object
        return one_each(strand, error)
    return values if isawaitable(values) else one_each(strand, values)


def _resolve_each(strand: Strand, arguments: dict[str, Any], *, shared: bool) -> list[Any]:
    field, batch, executor = strand.field, strand.batch, strand.execution.executor
    info_of = info_maker(executor, field, batch)
    infos = repeat(info_of(0)) if field.shares_info else map(info_of, range(len(batch.sources)))
    if field.direct is not None and shared:
        return _call_directly(field.direct, arguments, batch.sources, infos)
    given = zip(batch.sources, infos, strict=False)
    resolver = field.definition.resolve or executor.field_resolver
    if shared:
        return _called(partial(resolver, **arguments) if arguments else resolver, given)

    def resolve_with_fresh(source: Any, info: AnyInfo) -> Any:
        return resolver(source, info, **field.arguments.fresh(executor))

    return _called(resolve_with_fresh, given)


def _call_directly(
    direct: Direct, arguments: dict[str, Any], sources: list[Any], infos: Iterable[AnyInfo]
) -> list[Any]:
    named = {direct.names[name]: value for name, value in arguments.items()}
    function = partial(direct.function, **named) if named else direct.function
    given = [sources if each == "source" else map(direct.wrap_info, infos) for each in direct.takes]
    return _called(function, zip(*given, strict=False) if given else repeat((), len(sources)))


def _called(call: Callable[..., Any], given: Iterable[tuple[Any, ...]]) -> list[Any]:
    """What a function gives for each tuple of arguments, once for each."""
    values: list[Any] = []
    for each in given:
        try:
            values.append(call(*each))
        except Exception as error:  # noqa: BLE001 - a failure of this object's field
            values.append(error)
    return values
