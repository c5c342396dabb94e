"""The columns of rows that a selection reads, so that a statement needs to select no others."""

from collections.abc import Iterable

from graphql import GraphQLError, GraphQLObjectType, is_abstract_type

from engine.definitions import definitions_of
from engine.graphql_core import AnyExecutor, AnyInfo
from engine.info import position_of
from engine.plan import Field, Selection
from engine.readers import ColumnReader
from engine.untracked import untrack

NESTED = "__"
"""Separates the name of a nested row from that of its column: `author__handle`."""

Columns = frozenset[str] | None


def columns_of(info: AnyInfo, typename: str) -> Columns:
    """Returns the columns that are read from rows of a type, which a field returns or which its values contain.

    They are those that the selection reads itself, and those that its fields declare to read: for derived values, and
    as keys of loaders. Those of a nested row have its name as a prefix. None: the columns are not known, because a
    selected field does not declare its own, or because graphql-core executes the operation. Then read all of them.
    """
    position = position_of(info)
    if position is None:
        return None
    field, executor = position.field, position.executor
    known = field.row_columns
    if typename not in known:
        try:
            known[typename] = _of_rows(executor, field, position.batch.selection, typename)
        except GraphQLError:  # the execution of the sub-selection reports it
            return None
        if definitions_of(executor.schema).untracked:
            untrack(known)
    return known[typename]


def _of_rows(executor: AnyExecutor, field: Field, above: Selection, typename: str) -> Columns:
    """Returns the columns of the rows that are a field's values, or that are contained in them."""
    kinds = _object_types(executor, field)
    of_type = [kind for kind in kinds if kind.name == typename]
    if of_type:
        return _of_selection(executor, field.selected(executor, of_type[0], above))
    selections = [field.selected(executor, kind, above) for kind in kinds]
    return _union(
        _of_rows(executor, child, selection, typename)
        for selection in selections
        for child in selection.fields
        if child.contains_rows
    )


def _of_selection(executor: AnyExecutor, selection: Selection) -> Columns:
    """Returns the columns of a row that the fields of a selection read."""
    return _union(_of_field(executor, field, selection) for field in selection.fields)


def _of_field(executor: AnyExecutor, field: Field, above: Selection) -> Columns:
    """Returns the columns of a row that a field reads: its own, or those of the nested row that it selects from."""
    if not isinstance(field.reader, ColumnReader) or field.object_type is None or field.depth:
        return field.reads
    key = field.reader.key
    nested = _of_selection(executor, field.selected(executor, field.object_type, above))
    return frozenset({f"{key}{NESTED}{column}" for column in nested}) if nested else frozenset({key})


def _object_types(executor: AnyExecutor, field: Field) -> list[GraphQLObjectType]:
    if field.object_type is not None:
        return [field.object_type]
    named_type = field.named_type
    return list(executor.schema.get_possible_types(named_type)) if is_abstract_type(named_type) else []


def _union(parts: Iterable[Columns]) -> Columns:
    columns = set[str]()
    for part in parts:
        if part is None:
            return None
        columns |= part
    return frozenset(columns)
