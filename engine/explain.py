"""The plan of an operation as text: how each field is answered, level by level, and which loaders are asked when."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from inspect import iscoroutinefunction
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    get_operation_ast,
    is_abstract_type,
    print_ast,
    validate,
    visit,
)

from engine.builder import GeneratedBuilder
from engine.cache import Prepared
from engine.executor import BreadthFirstExecutor
from engine.explained import Asked, Explained, write
from engine.graphql_core import AnyExecutor
from engine.plan import Field, Selection
from engine.readers import ColumnReader, ConstantReader, DefaultReader, Reader, Variant

MOST_FIELDS = 10_000
"""Interfaces within interfaces have a plan for each combination of types; here, that is enough of them."""


class Unexplainable(Exception):
    """Why there is no plan to show; several lines where there are several reasons."""


def explain(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> str:
    """How the engine answers an operation; `Unexplainable` where that cannot be said.

    Only variables that decide about @skip or @include have to be given: others are not needed to make a plan.
    """
    if errors := validate(schema, document):
        raise _unexplainable(errors)
    operation = get_operation_ast(document, operation_name)
    unknown = _unknown(operation, variables or {}) if operation else frozenset[str]()
    built: Any = BreadthFirstExecutor.build(
        schema,
        _without(document, unknown),
        raw_variable_values=dict(variables or {}),
        operation_name=operation_name,
    )
    if isinstance(built, list):
        refused: list[GraphQLError] = built
        raise _unexplainable(refused)
    assert operation is not None  # noqa: S101 - otherwise there is no executor
    return f"{_title(operation)}\n\n{_plan(built, unknown)}"


def _plan(executor: AnyExecutor, unknown: frozenset[str]) -> str:
    prepared = Prepared(executor)
    if prepared.reason is not None:
        return f"Left to graphql-core: {prepared.reason}.\n"
    try:
        root = prepared.plan(executor)
        serially = executor.operation.operation is OperationType.MUTATION
        return write(_Walk(executor, unknown).selection(root, 0, serially=serially))
    except GraphQLError as error:
        raise _unexplainable([error]) from error
    except LookupError as error:
        raise Unexplainable(f"The schema has no {error.args[0]}.") from error


class _Walk:
    """From a plan to what there is to say of it, with every type that may occur, not only those that have."""

    def __init__(self, executor: AnyExecutor, unknown: frozenset[str]) -> None:
        self._executor = executor
        self._unknown = unknown
        self._fields = 0

    def selection(self, selection: Selection, rounds: int, *, serially: bool = False) -> tuple[Explained, ...]:
        """The fields of a selection; `serially` each begins when everything of the one before has been answered."""
        inlined = {field.key for field in GeneratedBuilder(selection.fields, Variant.DICTS).inlined}
        explained: list[Explained] = []
        for field in selection.fields:
            explained.append(self._field(selection, field, rounds, is_inlined=field.key in inlined))
            if serially:
                rounds = max(each.settled for each in explained[-1].fields())
        return tuple(explained)

    def _field(self, above: Selection, field: Field, rounds: int, *, is_inlined: bool) -> Explained:
        self._fields += 1
        if self._fields > MOST_FIELDS:
            raise Unexplainable(f"More than {MOST_FIELDS} fields, each type's counted for itself.")
        settled = rounds + _is_late(field)
        return Explained(
            _label(field),
            f"{field.definition.type}",
            self._how(field, is_inlined=is_inlined),
            self._below(above, field, settled),
            rounds,
            settled,
            Asked(field.level.loader, field.level.inlined) if field.level and not field.reader else None,
        )

    def _below(self, above: Selection, field: Field, rounds: int) -> tuple[Explained, ...]:
        if field.object_type is not None:
            return self._fields_of(above, field, field.object_type, rounds)
        if not is_abstract_type(field.named_type):
            return ()
        names: dict[tuple[Explained, ...], list[str]] = {}
        for kind in sorted(self._executor.schema.get_possible_types(field.named_type), key=str):
            names.setdefault(self._fields_of(above, field, kind, rounds), []).append(kind.name)
        return tuple(Explained(f"on {', '.join(kinds)}", children=fields) for fields, kinds in names.items() if fields)

    def _fields_of(
        self, above: Selection, field: Field, object_type: GraphQLObjectType, rounds: int
    ) -> tuple[Explained, ...]:
        return self.selection(field.select(self._executor, object_type, above), rounds)

    def _how(self, field: Field, *, is_inlined: bool) -> str:
        if field.reader is not None:
            return f"{'inlined' if is_inlined else 'read'}: {_source(field.reader)}"
        if field.level is not None:
            lacking = f", where there is no {field.level.inlined}" if field.level.inlined else ""
            return f"level: {field.level.loader}{lacking}"
        return "called directly" if field.direct is not None and self._shares_arguments(field) else "resolver"

    def _shares_arguments(self, field: Field) -> bool:
        """What has to be true of a field that is called directly; supposed of variables that are not known."""
        try:
            _, shared = field.arguments.values(self._executor)
        except GraphQLError:
            shared = False
        return shared or not self._unknown.isdisjoint(_variables(field))


def _is_late(field: Field) -> bool:
    """Whether the field's values have to be waited for, as far as its declaration and its functions say."""
    if field.reader is not None:
        return False
    function = field.direct.function if field.direct else field.definition.resolve
    return field.level is not None or iscoroutinefunction(function)


def _source(reader: Reader) -> str:
    if isinstance(reader, ConstantReader):
        return f'constant "{reader.value}"'
    if isinstance(reader, ColumnReader):
        return f"column {reader.key}"
    return f"default {reader.name}" if isinstance(reader, DefaultReader) else "derived"


def _label(field: Field) -> str:
    alias = "" if field.key == field.name else f"{field.key}: "
    given = [_one_line(print_ast(argument)) for argument in field.nodes[0].arguments or ()]
    return f"{alias}{field.name}({', '.join(given)})" if given else f"{alias}{field.name}"


def _variables(field: Field) -> set[str]:
    """The names of the variables in a field's arguments."""
    names: set[str] = set()

    class Collect(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            names.add(node.name.value)

    for argument in field.nodes[0].arguments or ():
        visit(argument, Collect())
    return names


def _title(operation: OperationDefinitionNode) -> str:
    name = operation.name.value if operation.name else ""
    variables = ", ".join(_one_line(print_ast(each)) for each in operation.variable_definitions or ())
    return f"{operation.operation.value} {name}{f'({variables})' if variables else ''}".rstrip()


def _one_line(text: str) -> str:
    return text.replace("\n", "\\n")


def _unknown(operation: OperationDefinitionNode, given: Mapping[str, Any]) -> frozenset[str]:
    """The names of required variables without a value."""
    return frozenset(
        each.variable.name.value
        for each in operation.variable_definitions or ()
        if isinstance(each.type, NonNullTypeNode)
        and each.default_value is None
        and each.variable.name.value not in given
    )


def _without(document: DocumentNode, unknown: frozenset[str]) -> DocumentNode:
    """The document without the definitions of some variables."""
    if not unknown:
        return document

    def known(definition: Any) -> Any:
        if not isinstance(definition, OperationDefinitionNode):
            return definition
        kept = [each for each in definition.variable_definitions or () if each.variable.name.value not in unknown]
        return replace(definition, variable_definitions=tuple(kept))

    return replace(document, definitions=tuple(map(known, document.definitions)))


def _unexplainable(errors: Iterable[GraphQLError]) -> Unexplainable:
    return Unexplainable("\n".join(error.message for error in errors))
