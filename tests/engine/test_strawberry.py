"""Strawberry has the same results with the engine as with its default executor."""

import gc
from asyncio import sleep
from typing import Any

import pytest
import strawberry

from engine import plans_of
from tests.engine.support.shop import Hooks, Middleware, Refuse, shop, upper

AT_ONCE = [
    '{ things { name size hiddenness: priced repeated(times: 2, between: "-") ofParent where } }',
    "{ things { loud guarded } unchecked }",
    "{ things { name fails } found { __typename ... on Thing { size } ... on Other { number } } }",
    '{ described(wanted: {size: BIG, tags: ["a"], span: {most: null}}) a: described(wanted: {}, also: [1, 2]) }',
    "{ described(wanted: {size: HUGE}) }",
    "query ($w: Wanted!, $n: [Int!]) { described(wanted: $w, also: $n) }",
    "query ($with: Boolean!) { things { name size @include(if: $with) } }",
    "{ checked(many: 1) { __typename } a: checked(many: 2) { __typename } b: checked(many: 3) { __typename } }",
    "{ __schema { queryType { fields { name args { name defaultValue } } } } }",
    "{ nothing }",
    "{",
]
LATER = [
    "{ things { name later(size: SMALL) a: later loudLater guardedLater repeated } }",
    "{ named { name __typename ... on Thing { loudLater later } } things { guardedLater } }",
    "{ describedLater a: describedLater(wanted: {tags: []}, as: 3) }",
    'mutation { rename(name: "x") { name guarded later } b: rename(name: "y") { name where } }',
]
VARIABLES: dict[str, Any] = {"w": {"size": "BIG", "span": {"least": 2}}, "n": [3], "with": True}
GIVEN: dict[str, dict[str, Any]] = {
    "plain": {},
    "hooks": {"extensions": [Hooks]},
    "middleware": {"extensions": [Middleware]},
    "exception handlers": {"exception_handlers": [Refuse()]},
    "directives": {"directives": [upper]},
}


def shown(result: Any) -> Any:
    errors = [(error.formatted, type(error.original_error)) for error in result.errors or ()]
    return repr(result.data), errors, result.extensions


def delegated(schema: strawberry.Schema) -> dict[str, int]:
    return dict(plans_of(schema._schema).delegated)


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "plain"])
@pytest.mark.parametrize("given", GIVEN)
class TestTheSame:
    @pytest.mark.parametrize("text", [*AT_ONCE, *LATER])
    async def test_execute(self, given: str, text: str, *, declared: bool) -> None:
        answers: list[Any] = []
        for executor in ("stock", "compiled"):
            schema = shop(executor, declared=declared, **GIVEN[given])
            answers.append(shown(await schema.execute(text, variable_values=VARIABLES, context_value=[])))
        assert answers[1] == answers[0]

    @pytest.mark.parametrize("text", AT_ONCE)
    def test_execute_sync(self, given: str, text: str, *, declared: bool) -> None:
        answers: list[Any] = []
        for executor in ("stock", "compiled"):
            schema = shop(executor, declared=declared, **GIVEN[given])
            answers.append(shown(schema.execute_sync(text, variable_values=VARIABLES, context_value=[])))
        assert answers[1] == answers[0]

    @pytest.mark.parametrize(
        "text",
        [
            "subscription { opened(most: 3) { name later guarded loud where } }",
            "subscription { refused }",
            "{ unchecked }",
        ],
    )
    async def test_subscribe(self, given: str, text: str, *, declared: bool) -> None:
        answers: list[Any] = []
        for executor in ("stock", "compiled"):
            schema = shop(executor, declared=declared, **GIVEN[given])
            events: Any = await schema.subscribe(text, context_value=[])
            answers.append([shown(event) async for event in events] if hasattr(events, "__aiter__") else shown(events))
        assert answers[1] == answers[0]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("declared", [True, False])
async def test_async_resolvers_fail_a_synchronous_execution_in_the_same_way(*, declared: bool) -> None:
    results = [
        shown(shop(executor, declared=declared).execute_sync("{ describedLater named { name } }"))
        for executor in ("stock", "compiled")
    ]
    await sleep(0.001)  # tasks that Strawberry has cancelled end before the next test begins
    gc.collect()
    assert results[1] == results[0]
    assert [error["message"] for error, _ in results[1][1]] == ["GraphQL execution failed to complete synchronously."]


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(
    ("given", "counted"),
    [
        ("plain", {}),
        ("hooks", {}),
        ("exception handlers", {}),
        ("middleware", {"middleware": 1}),
        ("directives", {"middleware": 1}),
    ],
)
async def test_only_extensions_that_process_every_value_are_delegated(
    given: str, counted: dict[str, int], *, declared: bool
) -> None:
    schema = shop("compiled", declared=declared, **GIVEN[given])
    result = await schema.execute("{ things { name priced } }", context_value=[])
    assert result.errors is None
    assert delegated(schema) == counted


async def test_directives_work() -> None:
    schema = shop("compiled", declared=True, directives=[upper])
    result = await schema.execute("{ things { name @upper(times: 2) } }")
    assert result.data == {"things": [{"name": "OPENOPEN"}, {"name": "SHUTSHUT"}]}


def test_hooks_are_called_in_their_order() -> None:
    result = shop("compiled", declared=True, extensions=[Hooks]).execute_sync("{ unchecked }", context_value=[])
    assert result.data == {"unchecked": "x"}
    assert result.extensions == {"hooks": ["operation", "execute", "executed ['unchecked']", "operation ends"]}
