"""A request leaves no reference cycles: reference counts free all objects that it created."""

import gc
from asyncio import sleep
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any
from weakref import WeakSet

import pytest
from graphql import GraphQLSchema, build_schema, parse

import engine as ours
from engine import EXTENSION, Column, Derived, Level
from tests.support.client import HOME, Client

TIMES = 50


ROUNDS = 3


async def left_by(run: Callable[[], Awaitable[object]]) -> int:
    """Returns the number of objects that `run` leaves to the collector: the minimum of several rounds.

    Objects of an earlier test whose last task ends in the meantime do not occur in every round.
    """
    return min([await _left_by(run) for _ in range(ROUNDS)])


async def _left_by(run: Callable[[], Awaitable[object]]) -> int:
    gc.collect()
    gc.disable()
    try:
        await run()
        return gc.collect()
    finally:
        gc.enable()


async def times(run: Callable[[], Awaitable[object]]) -> None:
    for _ in range(TIMES):
        await run()


@pytest.fixture
def schema() -> GraphQLSchema:
    schema = build_schema("""
      type Query { i: Int list: [O!]! named: [N] later: [O] hard: O failing: Int late_failure: Int }
      interface N { s: String }
      type O implements N { i: Int s: String o: O level: O fails: Int! path: String }
      type P implements N { s: String p: Int }
      type Mutation { a: O b: O }
      type Subscription { i: Int }
    """)
    kinds: Any = schema.type_map
    query, kind = kinds["Query"].fields, kinds["O"].fields
    query["later"].resolve = later([{"i": 1}, {"i": 2}])
    query["late_failure"].resolve = fail_later
    query["failing"].resolve = fail
    kind["fails"].resolve = fail
    kind["path"].resolve = path
    kind["i"].extensions[EXTENSION] = Column("i")
    kind["s"].extensions[EXTENSION] = Derived(name)
    kind["level"].resolve = later({"i": 3})
    kind["level"].extensions[EXTENSION] = Level(level, "level")
    kinds["Mutation"].fields["a"].resolve = later({"i": 4})
    kinds["Subscription"].fields["i"].subscribe = events
    return schema


def later(value: Any) -> Callable[..., Awaitable[Any]]:
    async def resolve(*_: Any) -> Any:
        await sleep(0)
        return value

    return resolve


def name(source: Any) -> str:
    return str(source["i"])


def path(_source: Any, info: Any) -> str:
    return ".".join(map(str, info.path.as_list()))


def fail(*_: Any) -> None:
    raise ValueError("fails")


async def fail_later(*_: Any) -> None:
    await sleep(0)
    raise ValueError("fails later")


async def level(sources: Any, _info: Any) -> list[Any]:
    await sleep(0)
    return [{"i": 3} for _ in sources]


async def events(_root: Any, info: Any) -> AsyncGenerator[Any]:
    for number in range(info.context):
        yield {"i": number}


ROOT: dict[str, Any] = {
    "i": 1,
    "list": [{"i": 1, "o": {"i": 2}}, {"i": 2}],
    "named": [{"__typename": "O", "i": 1}, {"__typename": "P", "s": "p", "p": 1}, None],
    "hard": {"i": 1},
    "a": None,
    "b": {"i": 5},
}
AT_ONCE = [
    "{ i }",
    "{ i list { i s o { i } path } named { s ... on P { p } } }",
    "query ($x: Boolean = true) { i @include(if: $x) }",
    "mutation { b { i s } }",
]
FAILING = ["{ i failing hard { fails } }", "{ list { i fails } }"]
LATER = [
    "{ later { i s path level { i } } }",
    "{ i later { i } list { level { i level { s } } } }",
    "mutation { a { i } b { i } }",
]
FAILING_LATER = ["{ late_failure later { fails } hard { level { fails } } i }"]


async def ask(schema: GraphQLSchema, document: Any, context: Any = None) -> Any:
    result: Any = ours.execute(schema, document, root_value=ROOT, context_value=context)
    return result if hasattr(result, "data") else await result


@pytest.mark.parametrize("text", [*AT_ONCE, *LATER])
async def test_an_execution_leaves_none(schema: GraphQLSchema, text: str) -> None:
    document = parse(text)
    assert (await ask(schema, document)).errors is None
    assert await left_by(lambda: times(lambda: ask(schema, document))) == 0


class Context:
    """A context that weak references can track."""


@pytest.mark.parametrize("text", [*FAILING, *FAILING_LATER])
async def test_the_collector_frees_what_a_failure_leaves(schema: GraphQLSchema, text: str) -> None:
    """Exceptions and their frames refer to each other, here as in graphql-core."""
    contexts = WeakSet[Context]()
    for _ in range(TIMES):
        context = Context()
        contexts.add(context)
        assert (await ask(schema, parse(text), context)).errors
        del context
    gc.collect()
    assert len(contexts) == 0


async def test_the_events_of_a_subscription_leave_none(schema: GraphQLSchema) -> None:
    """Only graphql-core's executor that created the stream remains, for any number of events."""
    document = parse("subscription { i }")

    async def follow(events: int) -> None:
        result: Any = ours.subscribe(schema, document, context_value=events)
        stream = await result if hasattr(result, "__await__") else result
        assert [event.data async for event in stream] == [{"i": number} for number in range(events)]

    await follow(1)
    assert await left_by(lambda: follow(1)) == await left_by(lambda: follow(50))


async def test_the_home_screen_leaves_none(client: Client) -> None:
    token = await client.token("ana")
    for _ in range(3):
        assert "errors" not in (await client.post(HOME, token=token)).json()
    assert await left_by(lambda: times(lambda: client.post(HOME, token=token))) == 0
