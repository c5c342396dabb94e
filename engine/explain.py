"""The plan of an operation as text: how each field is resolved, and in which round each loader is called."""

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
from engine.cache import PreparedOperation
from engine.executor import BreadthFirstExecutor
from engine.explain_output import ExplainedField, LoaderCall, write
from engine.graphql_core import AnyExecutor
from engine.plan import Field, Selection
from engine.readers import ColumnReader, ConstantReader, DefaultReader, Reader, Variant

MAX_FIELDS = 10_000
"""Maximum fields of an explained plan. Nested interfaces have a plan for each combination of object types."""


class CannotExplain(Exception):
    """Raised if there is no plan to show. The message has one line per reason."""


def explain(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> str:
    """Returns a description of how the engine executes an operation. Raises `CannotExplain` if there is none.

    Only the variables of @skip and @include need values. A plan does not depend on other variables.
    """
    if errors := validate(schema, document):
        raise _cannot_explain(errors)
    operation = get_operation_ast(document, operation_name)
    unknown = _unknown(operation, variables or {}) if operation else frozenset[str]()
    built: Any = BreadthFirstExecutor.build(
        schema,
        _without(document, unknown),
        raw_variable_values=dict(variables or {}),
        operation_name=operation_name,
    )
    if isinstance(built, list):
        invalid: list[GraphQLError] = built
        raise _cannot_explain(invalid)
    assert operation is not None  # noqa: S101 - otherwise `build` returns errors
    return f"{_title(operation)}\n\n{_plan(built, unknown)}"


def _plan(executor: AnyExecutor, unknown: frozenset[str]) -> str:
    prepared = PreparedOperation(executor)
    if prepared.reason is not None:
        return f"Delegated to graphql-core: {prepared.reason}.\n"
    try:
        root = prepared.plan(executor)
        serially = executor.operation.operation is OperationType.MUTATION
        return write(_Walk(executor, unknown).selection(root, 0, serially=serially))
    except GraphQLError as error:
        raise _cannot_explain([error]) from error
    except LookupError as error:
        raise CannotExplain(f"The schema has no {error.args[0]}.") from error


class _Walk:
    """Walks over a plan and describes its fields, for every object type that may occur."""

    def __init__(self, executor: AnyExecutor, unknown: frozenset[str]) -> None:
        self._executor = executor
        self._unknown = unknown
        self._fields = 0

    def selection(self, selection: Selection, rounds: int, *, serially: bool = False) -> tuple[ExplainedField, ...]:
        """Describes the fields of a selection. With `serially`, each field starts after the one before is complete."""
        inlined = {field.key for field in GeneratedBuilder(selection.fields, Variant.DICTS).inlined}
        explained: list[ExplainedField] = []
        for field in selection.fields:
            explained.append(self._field(selection, field, rounds, is_inlined=field.key in inlined))
            if serially:
                rounds = max(descendant.resolved for descendant in explained[-1].fields())
        return tuple(explained)

    def _field(self, above: Selection, field: Field, rounds: int, *, is_inlined: bool) -> ExplainedField:
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise CannotExplain(f"The plan has more than {MAX_FIELDS} fields, counted for each object type.")
        resolved = rounds + _is_awaited(field)
        return ExplainedField(
            _label(field),
            f"{field.definition.type}",
            self._how(field, is_inlined=is_inlined),
            self._children(above, field, resolved),
            rounds,
            resolved,
            LoaderCall(field.level.loader, field.level.inlined)
            if field.level and field.level.loader and not field.reader
            else None,
        )

    def _children(self, above: Selection, field: Field, rounds: int) -> tuple[ExplainedField, ...]:
        if field.object_type is not None:
            return self._fields_of(above, field, field.object_type, rounds)
        if not is_abstract_type(field.named_type):
            return ()
        names: dict[tuple[ExplainedField, ...], list[str]] = {}
        for kind in sorted(self._executor.schema.get_possible_types(field.named_type), key=str):
            names.setdefault(self._fields_of(above, field, kind, rounds), []).append(kind.name)
        return tuple(
            ExplainedField(f"on {', '.join(kinds)}", children=fields) for fields, kinds in names.items() if fields
        )

    def _fields_of(
        self, above: Selection, field: Field, object_type: GraphQLObjectType, rounds: int
    ) -> tuple[ExplainedField, ...]:
        return self.selection(field.select(self._executor, object_type, above), rounds)

    def _how(self, field: Field, *, is_inlined: bool) -> str:
        if field.reader is not None:
            return f"{'inlined' if is_inlined else 'read'}: {_source(field.reader)}"
        if field.level is not None:
            lacking = f", where there is no {field.level.inlined}" if field.level.inlined else ""
            return f"level: {field.level.loader or 'no loader'}{lacking}"
        return "called directly" if field.direct is not None and self._shares_arguments(field) else "resolver"

    def _shares_arguments(self, field: Field) -> bool:
        """Returns whether all objects share the field's arguments, which a direct call requires.

        Assumes that they do if the field uses variables without a value.
        """
        try:
            _, shared = field.arguments.values(self._executor)
        except GraphQLError:
            shared = False
        return shared or not self._unknown.isdisjoint(_variables(field))


def _is_awaited(field: Field) -> bool:
    """Returns whether the field's values are awaited, judged by its declaration and its functions."""
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
    arguments = [_one_line(print_ast(argument)) for argument in field.nodes[0].arguments or ()]
    return f"{alias}{field.name}({', '.join(arguments)})" if arguments else f"{alias}{field.name}"


def _variables(field: Field) -> set[str]:
    """Returns the names of the variables in a field's arguments."""
    names: set[str] = set()

    class Collect(Visitor):
        def enter_variable(self, node: VariableNode, *_: Any) -> None:
            names.add(node.name.value)

    for argument in field.nodes[0].arguments or ():
        visit(argument, Collect())
    return names


def _title(operation: OperationDefinitionNode) -> str:
    name = operation.name.value if operation.name else ""
    variables = ", ".join(_one_line(print_ast(definition)) for definition in operation.variable_definitions or ())
    return f"{operation.operation.value} {name}{f'({variables})' if variables else ''}".rstrip()


def _one_line(text: str) -> str:
    return text.replace("\n", "\\n")


def _unknown(operation: OperationDefinitionNode, values: Mapping[str, Any]) -> frozenset[str]:
    """Returns the names of required variables without a value."""
    return frozenset(
        definition.variable.name.value
        for definition in operation.variable_definitions or ()
        if isinstance(definition.type, NonNullTypeNode)
        and definition.default_value is None
        and definition.variable.name.value not in values
    )


def _without(document: DocumentNode, unknown: frozenset[str]) -> DocumentNode:
    """Returns the document without the definitions of the unknown variables."""
    if not unknown:
        return document

    def without(definition: Any) -> Any:
        if not isinstance(definition, OperationDefinitionNode):
            return definition
        variables = definition.variable_definitions or ()
        known = [variable for variable in variables if variable.variable.name.value not in unknown]
        return replace(definition, variable_definitions=tuple(known))

    return replace(document, definitions=tuple(map(without, document.definitions)))


def _cannot_explain(errors: Iterable[GraphQLError]) -> CannotExplain:
    return CannotExplain("\n".join(error.message for error in errors))
