"""The comparison reports all differences between executors, and nothing else."""

from asyncio import sleep
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLError, build_schema, parse

from tests.engine.support.campaign import size_of
from tests.engine.support.comparison import Harness, Plain, assert_same, compare, error_key
from tests.engine.support.examples import check, errors_of_validation, example
from tests.engine.support.kinds import STOCK_EXECUTE
from tests.engine.support.mutants import MUTANTS
from tests.engine.support.oracle import Census, objections

MAX_EXAMPLES = 3000
"""Maximum examples until a mutant must differ."""


@pytest.mark.parametrize("name", MUTANTS)
def test_every_bug_is_found(harness: Harness, name: str) -> None:
    for seed in range(MAX_EXAMPLES):
        if check(harness, MUTANTS[name], example(seed, size_of(seed))).differences:
            return
    pytest.fail(f"{MAX_EXAMPLES} examples do not show that an executor {name}")


def test_graphql_core_answers_as_graphql_core_does(harness: Harness) -> None:
    for seed in range(300):
        assert check(harness, STOCK_EXECUTE, example(seed, size_of(seed))).differences == []


def test_graphql_core_reports_what_the_census_allows(harness: Harness) -> None:
    """Checks every example, not only those where executors differ."""
    contested = 0
    for seed in range(1500):
        tried = example(seed, size_of(seed))
        census = Census(error_key)

        def counted(*args: Any, census: Census = census, **kwargs: Any) -> Any:
            return STOCK_EXECUTE(*args, executor_class=census.executor_class, **kwargs)

        compared = check(harness, counted, tried)
        result = compared.stock.result
        errors = (result.errors if result else None) or []
        if any(error.path is None for error in errors):
            continue
        failures = census.failures()
        assert objections([error_key(error) for error in errors], failures) == [], seed
        contested += len(failures) > len(errors)
    assert contested > 50


def test_requests_are_valid() -> None:
    errors = {seed: errors_of_validation(example(seed, size_of(seed))) for seed in range(400)}
    assert {seed: messages for seed, messages in errors.items() if messages} == {}


def test_an_example_is_the_same_every_time(harness: Harness) -> None:
    for seed in range(40):
        first, second = example(seed, size_of(seed)), example(seed, size_of(seed))
        assert str(first) == str(second)
        assert check(harness, STOCK_EXECUTE, first).stock.calls == check(harness, STOCK_EXECUTE, second).stock.calls


SCHEMA = build_schema("""
    type Query { a: Int b: Int hard: Hard pair: Pair }
    type Hard { one: Int! two: Int! soft: Int }
    type Pair { left: Hard! right: Hard! }
""")


async def fails(_info: Any) -> None:
    await sleep(0)
    raise ValueError("fails")


async def fails_too(_info: Any) -> None:
    raise ValueError("fails too")


CONTEST = {"hard": {"one": fails, "two": fails_too, "soft": fails}}
FAILS = {"message": "fails", "path": ["hard", "one"], "line": 10}


def answering(data: Any, *errors: GraphQLError) -> Any:
    """Returns an executor that always returns the same result."""

    async def execute(*_: Any, **__: Any) -> ExecutionResult:
        await sleep(0)
        return ExecutionResult(data, list(errors) or None)

    return execute


def located(text: str, path: list[str | int], at: int) -> GraphQLError:
    node: Any = parse("{ hard { one two soft } }").definitions[0]
    field = node.selection_set.selections[0].selection_set.selections[at]
    return GraphQLError(text, [field], path=path, original_error=ValueError(text))


ONE = located("fails", ["hard", "one"], 0)
TWO = located("fails too", ["hard", "two"], 1)
SOFT = located("fails", ["hard", "soft"], 2)


@pytest.mark.parametrize(
    ("errors", "complaint"),
    [
        ((ONE,), None),
        ((TWO,), None),
        ((SOFT, ONE), None),
        ((TWO, SOFT), None),
        ((), "errors: stock"),
        ((SOFT,), "no error says why ['hard'] is null"),
        ((ONE, TWO), "2 errors null ['hard'], which only the first can"),
        ((ONE, ONE), "never happened, or that was reported twice"),
        ((ONE, SOFT, SOFT), "never happened, or that was reported twice"),
        ((located("fails", ["hard", "one"], 1),), "never happened"),
        ((located("fails", ["hard"], 0),), "never happened"),
        ((located("fails differently", ["hard", "one"], 0),), "never happened"),
    ],
)
def test_of_competing_failures_any_one_may_be_reported(
    harness: Harness, errors: tuple[GraphQLError, ...], complaint: str | None
) -> None:
    compared = compare(
        harness, answering({"hard": None}, *errors), SCHEMA, parse("{ hard { one two soft } }"), lambda: Plain(CONTEST)
    )
    differences = compared.differences
    assert differences == [] if complaint is None else complaint in "\n".join(differences)


@pytest.mark.parametrize(
    ("stock", "ours", "same"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        ({"a": 1, "b": 2}, {"a": 1.0, "b": 2}, False),
        ({"a": 1, "b": 2}, {"a": True, "b": 2}, False),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": 1, "b": 2}, {"a": 1, "b": None}, False),
        ({"a": 1, "b": 2}, None, False),
    ],
)
def test_data_is_equal_with_order_and_types(harness: Harness, stock: Any, ours: Any, *, same: bool) -> None:
    differences = compare(
        harness,
        lambda *_, **__: ExecutionResult(ours, None),  # pyright: ignore[reportUnknownLambdaType]
        SCHEMA,
        parse("{ a b }"),
        lambda: Plain(stock),
    ).differences
    assert (differences == []) is same


def test_a_synchronous_result_may_not_become_awaitable(harness: Harness) -> None:
    differences = compare(harness, answering({"a": 1}), SCHEMA, parse("{ a }"), lambda: Plain({"a": 1})).differences
    message = "graphql-core returned a result, ours an awaitable"
    assert differences == [message] + 2 * [f"repeated: {message}"]


def test_what_differs_fails_an_assertion() -> None:
    assert_same(STOCK_EXECUTE, SCHEMA, parse("{ a }"), lambda: Plain({"a": 1}))
    with pytest.raises(AssertionError, match="data:"):
        assert_same(MUTANTS["makes floats of ints"], SCHEMA, parse("{ a }"), lambda: Plain({"a": 1}))
