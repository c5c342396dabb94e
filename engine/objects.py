"""Completing objects: of which type each is, and the batch of those that are of one type."""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError, GraphQLObjectType
from graphql.execution import default_type_resolver
from graphql.execution.executor import invalid_return_type_error

from engine.declarations import Typename, declaration
from engine.graphql_core import AnyInfo
from engine.info import info_for, info_maker
from engine.positions import Batch, Place
from engine.strand import Abandoned, Column, Strand

_NONE = type(None)
_DICT = {dict}

Members = Sequence[int] | None
"""Indices of the values that are meant; None for all of them."""


def complete_objects(strand: Strand, place: Place, values: list[Any], kinds: set[type]) -> Column:
    """The dicts of the values; None for what is null and for what fails."""
    if not values:
        return []
    field = strand.field
    selection = field.selection
    if selection is not None and _NONE not in kinds and (field.says is None or _all_say(field.says, values, kinds)):
        return strand.execution.answer(Batch(selection, values, kinds, place, None, strand.rounds))
    members: Members = None
    if _NONE in kinds:
        members = [index for index, value in enumerate(values) if value is not None]
        kinds.discard(_NONE)
    objects = Objects(strand, place, values, kinds)
    object_type = field.object_type
    return objects.of_type(object_type, members) if object_type is not None else objects.of_any_type(members)


def _all_say(declared: Typename, sources: list[Any], kinds: set[type]) -> bool:
    """Whether all are dicts that say they are of a type, or say nothing, where that is what decides."""
    if kinds != _DICT:
        return False
    key, name = declared
    try:
        return [source[key] for source in sources].count(name) == len(sources)
    except KeyError:
        return all(source.get(key, name) == name for source in sources)


class Objects:
    """The objects at one place, of the classes `kinds`. Every column that this gives is as long as `values`.

    `awaited` when their types had to be waited for, which graphql-core does in a coroutine.
    """

    __slots__ = ("_awaited", "_kinds", "_place", "_strand", "_values")

    def __init__(
        self, strand: Strand, place: Place, values: list[Any], kinds: set[type], *, awaited: bool = False
    ) -> None:
        self._awaited = awaited
        self._strand = strand
        self._place = place
        self._values = values
        self._kinds = kinds

    def of_type(self, object_type: GraphQLObjectType, members: Members) -> Column:
        """The dicts of members that are to be of one type; those that are not fail."""
        is_type_of: Any = object_type.is_type_of
        declared = declaration(object_type)
        sources = self._values if members is None else [self._values[index] for index in members]
        if is_type_of is None or (isinstance(declared, Typename) and _all_say(declared, sources, self._kinds)):
            return self._answered(object_type, members)

        def judge(objects: "Objects", indices: Sequence[int], verdicts: list[Any]) -> Column:
            return objects.judged(object_type, indices, verdicts)

        return self._asked(self._all(members), is_type_of, judge)

    def of_any_type(self, members: Members) -> Column:
        """The dicts of members, each of the type that the interface or union resolves it to."""
        asked = self._all(members)
        names = self._said([self._values[index] for index in asked])
        if names is not None:
            return self.named(asked, names)
        named_type: Any = self._strand.field.named_type
        resolver = named_type.resolve_type or self._strand.execution.executor.type_resolver
        return self._asked(asked, lambda value, info: resolver(value, info, named_type), Objects.named)

    def judged(self, object_type: GraphQLObjectType, indices: Sequence[int], verdicts: list[Any]) -> Column:
        """The dicts of those that are of the type, as `is_type_of` says; the others fail."""
        kept: list[int] = []
        for index, verdict in zip(indices, verdicts, strict=True):
            if isinstance(verdict, Exception):
                self._fail(index, verdict)
            elif not verdict:
                details = self._strand.field.details
                self._fail(index, invalid_return_type_error(object_type, self._values[index], details))
            else:
                kept.append(index)
        return self._answered(object_type, kept)

    def named(self, indices: Sequence[int], names: list[Any]) -> Column:
        """The dicts of objects whose types have been resolved."""
        by_type: dict[GraphQLObjectType, list[int]] = {}
        for index, name in zip(indices, names, strict=True):
            try:
                by_type.setdefault(self._valid_type(index, name), []).append(index)
            except Exception as error:  # noqa: BLE001 - a failure of this value
                self._fail(index, error)
        column: Column = [None] * len(self._values)
        for object_type, members in by_type.items():
            outs = self.of_type(object_type, members)
            for index in members:
                column[index] = outs[index]
        return column

    def _answered(self, object_type: GraphQLObjectType, members: Members) -> Column:
        strand, values = self._strand, self._values
        sources = values if members is None else [values[index] for index in members]
        if not sources:
            return [None] * len(values)
        field, execution = strand.field, strand.execution
        try:
            selection = field.selections.get(object_type.name)
            if selection is None:
                selection = field.select(execution.executor, object_type, strand.batch.selection)
        except GraphQLError as error:
            for index in self._all(members):
                self._fail(index, error)
            return [None] * len(values)
        batch = Batch(selection, sources, self._kinds, self._place, members, strand.rounds)
        outs = execution.answer(batch)
        if members is None:
            return outs
        column: Column = [None] * len(values)
        for index, out in zip(members, outs, strict=True):
            column[index] = out
        return column

    def _said(self, sources: list[Any]) -> list[Any] | None:
        """The types that dicts themselves say they are of, where that is what decides."""
        named_type: Any = self._strand.field.named_type
        declared = declaration(named_type)
        if isinstance(declared, Typename):
            key = declared.key
        elif named_type.resolve_type is None and self._strand.execution.executor.type_resolver is default_type_resolver:
            key = "__typename"
        else:
            return None
        if self._kinds != _DICT:
            return None
        names = [source.get(key) for source in sources]
        return names if set(map(type, names)) <= {str} else None

    def _valid_type(self, index: int, name: Any) -> GraphQLObjectType:
        field, executor = self._strand.field, self._strand.execution.executor
        found = field.runtime_types.get(name) if isinstance(name, str) else None
        if found is None:
            if isinstance(name, Exception):
                raise name
            named_type: Any = field.named_type
            info = info_for(executor, field, self._strand.batch, self._place.position(index).index)
            found = executor.ensure_valid_runtime_type(name, named_type, field.details, info, self._values[index])
            field.learn_type(name, found, executor)
        return found

    def _asked(
        self,
        indices: Sequence[int],
        ask: Callable[[Any, AnyInfo], Any],
        go_on: "Callable[[Objects, Sequence[int], list[Any]], Column]",
    ) -> Column:
        """What a resolver of types says of each value, exceptions standing for themselves, passed on to `go_on`."""
        executor = self._strand.execution.executor
        info_of = info_maker(executor, self._strand.field, self._strand.batch)
        answers: dict[int, Any] = {}
        for index in indices:
            try:
                answers[index] = ask(self._values[index], info_of(self._place.position(index).index))
            except Exception as error:  # noqa: BLE001 - a failure of this value
                answers[index] = error
        late = [index for index, answer in answers.items() if executor.is_awaitable(answer)]
        if late:
            values, kinds = [self._values[index] for index in late], self._kinds

            def later(strand: Strand, place: Place, results: list[Any]) -> Column:
                return go_on(Objects(strand, place, values, kinds, awaited=True), range(len(values)), results)

            self._strand.go_on_later([answers.pop(index) for index in late], self._place, late, later)
        return go_on(self, list(answers), list(answers.values()))

    def _fail(self, index: int, error: Exception) -> None:
        if self._awaited and isinstance(error, StopIteration):
            error = RuntimeError("coroutine raised StopIteration")  # what Python makes of it, by PEP 479
        if not isinstance(error, Abandoned):
            self._strand.fail(self._place, index, error)

    def _all(self, members: Members) -> Sequence[int]:
        return range(len(self._values)) if members is None else members
