"""Operations that the engine delegates to graphql-core are counted and have graphql-core's results."""

from collections.abc import AsyncIterator, Callable
from inspect import isawaitable
from typing import Any

import pytest
from graphql import (
    AbortController,
    ExecutionHooks,
    ExecutionResult,
    GraphQLSchema,
    build_schema,
    parse,
)
from graphql.execution import Executor, experimental_execute_incrementally

from engine import BreadthFirstExecutor, plans_of
from engine.analysis import MAX_DEPTH
from tests.engine.support.kinds import STOCK_EXECUTE, STOCK_SUBSCRIBE
from tests.engine.support.reproduce import ENGINE, ENGINE_SUBSCRIBE

ROOT: dict[str, Any] = {"i": 1, "o": {"i": "no number"}}
ROOT["o"]["o"] = ROOT["o"]


@pytest.fixture
def schema() -> GraphQLSchema:
    return build_schema("type Query { i: Int o: O } type O { i: Int o: O } type Subscription { i: Int }")


def doubled(resolve: Callable[..., Any], source: Any, info: Any, **arguments: Any) -> Any:
    value = resolve(source, info, **arguments)
    return value * 2 if isinstance(value, int) else value


class Shouting(Executor[Any]):
    """An executor that is not the engine's."""

    def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: FBT001 - graphql-core's signature
        result: Any = super().execute_operation(serially)
        return ExecutionResult({"shouted": result.data}, result.errors)


def nested(levels: int) -> str:
    return "{ o " * (levels - 1) + "{ i }" + " }" * (levels - 1)


QUERY = "{ i o { i } }"
VARIABLES = "{ o { ...F(n: 1) } } fragment F($n: Int) on O { i }"
CASES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "middleware": (QUERY, lambda: {"middleware": [doubled]}),
    "abort signal": (QUERY, lambda: {"abort_signal": AbortController().signal}),
    "hooks": (QUERY, lambda: {"hooks": ExecutionHooks()}),
    "fragment variables": (VARIABLES, dict),
    "depth": (nested(MAX_DEPTH + 1), dict),
    "invalid operation": ("mutation { i }", dict),
    "executor class": (QUERY, lambda: {"executor_class": Shouting}),
}


def outcome(execute: Callable[..., Any], schema: GraphQLSchema, text: str, options: dict[str, Any]) -> Any:
    document = parse(text, experimental_fragment_arguments=True)
    result = execute(schema, document, root_value=ROOT, **options)
    return result.data, [error.formatted for error in result.errors or ()]


@pytest.mark.parametrize("reason", CASES)
def test_it_is_counted_and_executed_by_graphql_core(reason: str, schema: GraphQLSchema) -> None:
    text, options = CASES[reason]
    assert outcome(ENGINE, schema, text, options()) == outcome(STOCK_EXECUTE, schema, text, options())
    assert plans_of(schema).delegated == {reason: 1}


def test_other_operations_are_not_counted(schema: GraphQLSchema) -> None:
    for text in (QUERY, nested(MAX_DEPTH)):
        assert outcome(ENGINE, schema, text, {}) == outcome(STOCK_EXECUTE, schema, text, {})
    options: dict[str, Any] = {"middleware": [], "executor_class": None}
    assert outcome(ENGINE, schema, QUERY, options) == outcome(STOCK_EXECUTE, schema, QUERY, {})
    assert plans_of(schema).delegated == {}


def test_a_fragment_within_itself_is_delegated(schema: GraphQLSchema) -> None:
    text = "{ o { ...F } } fragment F on O { i ...F }"
    assert outcome(ENGINE, schema, text, {}) == outcome(STOCK_EXECUTE, schema, text, {})
    assert plans_of(schema).delegated == {"depth": 1}


def test_a_condition_without_a_value_is_delegated(schema: GraphQLSchema) -> None:
    text = "query ($a: Boolean) { i @include(if: $a) }"
    options = {"variable_values": {"a": None}}
    assert outcome(ENGINE, schema, text, options) == outcome(STOCK_EXECUTE, schema, text, options)
    assert plans_of(schema).delegated == {"invalid operation": 1}


@pytest.mark.parametrize(
    "text", ["{ i ... @defer { o { i } } }", '{ i o { ...F @defer(label: "l") } } fragment F on O { i }']
)
async def test_incremental_delivery_is_graphql_cores(text: str) -> None:
    schema = build_schema("""
        directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
        type Query { i: Int o: O } type O { i: Int o: O }
    """)

    async def parts(**options: Any) -> list[Any]:
        result: Any = experimental_execute_incrementally(schema, parse(text), root_value=ROOT, **options)
        result = await result if isawaitable(result) else result
        return [result.initial_result.formatted, *[part.formatted async for part in result.subsequent_results]]

    assert await parts(executor_class=BreadthFirstExecutor) == await parts()
    assert plans_of(schema).delegated == {"incremental delivery": 1}


async def test_events_of_a_subscription_are_counted_one_by_one(schema: GraphQLSchema) -> None:
    async def events(*_: Any) -> AsyncIterator[Any]:
        for number in (1, 2):
            yield {"i": number}

    assert schema.subscription_type is not None
    schema.subscription_type.fields["i"].subscribe = events

    async def results(subscribe: Callable[..., Any], **options: Any) -> list[Any]:
        awaitable: Any = subscribe(schema, parse("subscription { i }"), **options)
        stream: Any = await awaitable if isawaitable(awaitable) else awaitable
        return [(result.data, result.errors) async for result in stream]

    for options in ({}, {"middleware": [doubled]}):
        assert await results(ENGINE_SUBSCRIBE, **options) == await results(STOCK_SUBSCRIBE, **options)
    assert plans_of(schema).delegated == {"middleware": 2}
    await results(ENGINE_SUBSCRIBE, executor_class=Shouting)
    assert plans_of(schema).delegated == {"middleware": 2, "executor class": 1}
