"""Executors of a template have the state, the values of variables and the results of those that graphql-core builds."""

from collections.abc import Container, Mapping
from inspect import isawaitable
from typing import Any

import pytest
from graphql import (
    GraphQLInt,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_variable_values,
    parse,
)
from graphql.execution import experimental_execute_incrementally

from engine import BreadthFirstExecutor
from engine.executor import STATE
from engine.templates import ExecutorTemplate
from engine.variables import MAX_ERRORS, VariableReader

CONSTANT = {
    *("schema", "operation", "error_propagation", "hide_suggestions", "enable_early_execution", "middleware_manager"),
    *("field_resolver", "type_resolver", "subscribe_field_resolver", "is_awaitable", "is_async_iterable"),
    *("abort_signal", "hooks", "async_work_finished_hook_task", "defer_usage_set"),
}
"""Attributes that executions do not change, or that they set."""

SDL = """
  directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  type Query { i(a: Int, e: E, in: In, c: Custom): Int list(of: [Int]): [Int] o: O }
  type O { i: Int o: O fails: Int! }
  enum E { X Y }
  input In { a: Int! b: [In!] c: String = "c" }
  input One @oneOf { a: Int b: String }
  scalar Custom
"""
ROOT: dict[str, Any] = {"i": 1, "list": [1, 2], "o": {"i": 2, "o": {"i": 3}}}


@pytest.fixture
def schema() -> GraphQLSchema:
    return build_schema(SDL)


def built(schema: GraphQLSchema, text: str, **options: Any) -> Any:
    return BreadthFirstExecutor.build(schema, parse(text), root_value=ROOT, **options)


def test_its_executors_have_state_of_their_own(schema: GraphQLSchema) -> None:
    """If graphql-core has another attribute, decide whether executions may share it."""
    first = built(schema, "{ i ...F } fragment F on Query { o { i } }")
    template = ExecutorTemplate(first)
    second, third = template.executor("second", {}), template.executor("third", {})
    executors: list[Any] = [first, second, third]
    for executor in executors:
        assert {name for name in STATE if getattr(executor, name) is None} == set()
        assert vars(executor).keys() == vars(first).keys()
    assert [executor.context_value for executor in executors] == [None, "second", "third"]
    same = {name for name, value in vars(second).items() if value is vars(third)[name]}
    containers = {name for name in same if isinstance(vars(second)[name], Container)}
    assert containers == {"fragment_definitions", "fragments", "root_value"}
    assert same - containers == CONSTANT


def test_other_attributes_are_missing_as_usual(schema: GraphQLSchema) -> None:
    executor: Any = ExecutorTemplate(built(schema, "{ i }")).executor(None, {})
    with pytest.raises(AttributeError, match="nothing"):
        _ = executor.nothing


DEFINITIONS = {
    "Int": "$a: Int",
    "Int!": "$a: Int!",
    "Int = 3": "$a: Int = 3",
    "Int! = 3": "$a: Int! = 3",
    "Int = null": "$a: Int = null",
    "Int = wrong": '$a: Int = "wrong"',
    "String": "$a: String",
    "ID!": "$a: ID!",
    "Boolean": "$a: Boolean",
    "Float": "$a: Float",
    "[Int!]": "$a: [Int!]",
    "[Int] = [1]": "$a: [Int] = [1]",
    "E": "$a: E",
    "E = Y": "$a: E = Y",
    "In": "$a: In",
    "In = {a: 1}": "$a: In = {a: 1}",
    "One": "$a: One",
    "Custom": "$a: Custom",
    "no type": "$a: Missing",
    "no input": "$a: O",
    "several": "$a: Int, $b: String!, $c: [E!]! = [X], $d: Boolean = true",
}
VALUES: list[Any] = [
    *(None, 0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 1.0, 1.5, True, False, "", "1", "X", "Z"),
    *([], [1], [1, None], ["a"], {}, {"a": 1}, {"a": "x"}, {"a": 1, "b": [{"a": 2}]}, {"a": 1, "x": 1}, {"b": "y"}),
    *({"a": 1, "b": {"a": 1}}, {"a": None}, float("inf"), 10**400),
]


def read(schema: GraphQLSchema, definitions: str, values: Mapping[str, Any]) -> tuple[Any, Any]:
    """Returns what the reader returns, and what graphql-core does."""
    (operation,) = parse(f"query ({definitions}) {{ i }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    nodes = tuple(operation.variable_definitions or ())
    reader = VariableReader(schema, nodes, hide_suggestions=False)
    expected = get_variable_values(schema, nodes, dict(values), max_errors=MAX_ERRORS)
    reader.read(values)
    return comparable(reader.read(values)), comparable(expected)


def comparable(found: Any) -> Any:
    if isinstance(found, list):
        return [error.formatted for error in found]  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    sources = {
        name: (source.signature.name, str(source.signature.type), source.value)
        for name, source in found.sources.items()
    }
    types = {name: type(value) for name, value in found.coerced.items()}
    return list(found.sources), sources, list(found.coerced), found.coerced, types


@pytest.mark.parametrize("definitions", DEFINITIONS.values(), ids=DEFINITIONS)
def test_values_of_variables_are_those_of_graphql_core(schema: GraphQLSchema, definitions: str) -> None:
    found, expected = read(schema, definitions, {})
    assert found == expected
    for value in VALUES:
        for values in ({"a": value}, {"a": value, "b": "b", "more": 1}, {"b": value, "c": value, "d": value}):
            found, expected = read(schema, definitions, values)
            assert found == expected


def test_a_scalar_with_a_coercion_of_its_own_is_coerced(schema: GraphQLSchema) -> None:
    custom = schema.type_map["Custom"]
    assert isinstance(custom, GraphQLScalarType)
    custom.coerce_input_value = lambda value: [value]
    found, expected = read(schema, "$a: Custom, $b: Int", {"a": "x", "b": 1})
    assert found == expected
    assert found[3] == {"a": ["x"], "b": 1}


def test_an_exchanged_coercion_of_a_known_scalar_is_used(
    schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GraphQLInt, "coerce_input_value", str)
    found, expected = read(schema, "$a: Int", {"a": 5})
    assert found == expected
    assert found[3] == {"a": "5"}


def test_executions_do_not_share_a_list_that_is_a_default(schema: GraphQLSchema) -> None:
    template = ExecutorTemplate(built(schema, "query ($a: [Int] = [1]) { list(of: $a) }"))
    executors: list[Any] = [template.executor(None, {}) for _ in range(2)]
    first, second = (executor.variable_values.coerced["a"] for executor in executors)
    assert first == second == [1]
    assert first is not second


def test_invalid_values_are_errors(schema: GraphQLSchema) -> None:
    template = ExecutorTemplate(built(schema, "query ($a: Int!) { i(a: $a) }", raw_variable_values={"a": 1}))
    errors = template.executor(None, {"a": "x"})
    assert isinstance(errors, list)
    assert [error.message for error in errors] == [
        "Variable '$a' has invalid value: Int cannot represent non-integer value: 'x'"
    ]


TEXTS = [
    "{ i list o { i o { i } } }",
    "query ($yes: Boolean!) { i @include(if: $yes) o { i @skip(if: $yes) } }",
    "{ o { fails } }",
    "{ o { ... @defer { i o { i } } } }",
    "{ i ...F @defer } fragment F on Query { o { fails } }",
]


@pytest.mark.parametrize("text", TEXTS)
async def test_results_are_those_of_graphql_core(schema: GraphQLSchema, text: str) -> None:
    expected: list[Any] = []
    found: list[Any] = []
    template: ExecutorTemplate | None = None
    for yes in (True, False, True):
        variables = {"yes": yes} if "$yes" in text else {}
        result: Any = experimental_execute_incrementally(schema, parse(text), ROOT, variable_values=variables)
        expected.append(await written(result))
        template = template or ExecutorTemplate(built(schema, text, raw_variable_values=variables))
        executor = template.executor(None, variables)
        assert isinstance(executor, BreadthFirstExecutor)
        found.append(await written(executor.execute_operation()))
    assert found == expected


async def written(result: Any) -> list[Any]:
    result = await result if isawaitable(result) else result
    if not hasattr(result, "initial_result"):
        return [result.formatted]
    return [result.initial_result.formatted, *[part.formatted async for part in result.subsequent_results]]
