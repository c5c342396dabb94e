"""Cancelled requests: their tasks end with them, and other requests are not affected."""

import asyncio
from asyncio import CancelledError, Event, Task, create_task, sleep
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, parse

import engine as ours
from core.viewer import Anonymous
from engine import EXTENSION, Level
from loaders.loader import Loaders
from services.resources import Resources
from tests.support.client import HOME, Client
from tests.support.engines import Engine
from tests.support.timing import until
from tests.support.world import forget_responses

NO_DATABASE: Any = None


def fields_of(schema: GraphQLSchema, name: str) -> dict[str, Any]:
    kind: Any = schema.type_map[name]
    return kind.fields


class Resolvers:
    """Async resolvers that never end by themselves; counts those that began and ended."""

    def __init__(self) -> None:
        self.began = 0
        self.ended = 0
        self.all_began = Event()

    async def never(self, *_: Any, **__: Any) -> Any:
        self.began += 1
        self.all_began.set()
        try:
            await Event().wait()
        finally:
            await sleep(0)
            self.ended += 1


async def cancel(task: Task[Any]) -> None:
    task.cancel()
    with pytest.raises(CancelledError):
        await task


def one(*_: Any) -> dict[str, Any]:
    return {}


def three(*_: Any) -> list[dict[str, Any]]:
    return [{}, {}, {}]


def others() -> set[Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


@pytest.mark.parametrize(
    ("text", "running"),
    [
        ("{ a }", 1),
        ("{ a b: a }", 2),
        ("{ level }", 1),
        ("{ a level }", 2),
        ("{ objects { a } }", 3),
        ("{ later { a } }", 3),
        ("mutation { a b: a }", 1),
    ],
)
async def test_what_is_pending_is_cancelled_and_waited_for(text: str, running: int) -> None:
    schema = build_schema("""
      type Query { a: Int level: Int objects: [O!]! later: [O!]! }
      type O { a: Int }
      type Mutation { a: Int }
    """)
    resolvers = Resolvers()

    async def three_later(*_: Any) -> list[dict[str, Any]]:
        await sleep(0)
        return three()

    for kind in ("Query", "O", "Mutation"):
        fields_of(schema, kind)["a"].resolve = resolvers.never
    queries = fields_of(schema, "Query")
    queries["objects"].resolve = three
    queries["later"].resolve = three_later
    queries["level"].resolve = resolvers.never
    queries["level"].extensions[EXTENSION] = Level(resolvers.never, "never")

    before = others()
    request = create_task(awaited(ours.execute(schema, parse(text))))
    await resolvers.all_began.wait()
    await sleep(0)
    assert (resolvers.began, resolvers.ended) == (running, 0)
    await cancel(request)
    assert (resolvers.began, resolvers.ended) == (running, running)
    assert others() == before


async def awaited(result: Any) -> Any:
    return await result


def one_by_one(_row: Any, info: Any, **_: Any) -> Any:
    return info.context.load("number", 1)


def by_level(rows: Any, info: Any) -> Any:
    return info.context.load_level("number", [1] * len(rows))


@pytest.mark.parametrize("declared", [None, Level(by_level, "number")], ids=["one by one", "by level"])
@pytest.mark.parametrize("text", ["{ n }", "{ n m: n }"])
async def test_a_loader_that_others_wait_for_answers_them(text: str, declared: Level | None) -> None:
    schema = build_schema("type Query { n: Int }")
    field = fields_of(schema, "Query")["n"]
    field.resolve = one_by_one
    if declared:
        field.extensions[EXTENSION] = declared
    batch_began, batch_may_end = Event(), Event()
    batches: list[list[int]] = []

    async def batch(_database: Any, _viewer: Any, keys: list[int]) -> list[int]:
        batches.append(keys)
        batch_began.set()
        await batch_may_end.wait()
        return [key * 10 for key in keys]

    loaders = Loaders({"number": batch}, lambda _name: NO_DATABASE, Anonymous())

    def request() -> Task[Any]:
        return create_task(awaited(ours.execute(schema, parse(text), context_value=loaders)))

    cancelled, waiting = request(), request()
    await batch_began.wait()
    await cancel(cancelled)
    late = request()
    await sleep(0)
    batch_may_end.set()
    for task in (waiting, late):
        result = await task
        assert (result.data["n"], result.errors) == (10, None)
    assert batches == [[1]]


async def test_what_a_failure_has_made_null_is_cancelled_and_has_ended_with_the_answer() -> None:
    schema = build_schema("type Query { o: O a: Int } type O { hard: Int! a: Int }")
    resolvers = Resolvers()

    async def fails(*_: Any) -> None:
        await resolvers.all_began.wait()
        raise ValueError("fails")

    fields_of(schema, "Query")["o"].resolve = one
    fields_of(schema, "O")["hard"].resolve = fails
    fields_of(schema, "O")["a"].resolve = resolvers.never
    result: Any = await awaited(ours.execute(schema, parse("{ o { hard a } a }")))
    assert result.data == {"o": None, "a": None}
    assert [error.message for error in result.errors] == ["fails"]
    assert (resolvers.began, resolvers.ended) == (1, 1)


async def test_a_subscriber_that_left_leaves_nothing_running() -> None:
    schema = build_schema("type Query { a: Int } type Subscription { a: Int }")
    resolvers = Resolvers()
    closed: list[str] = []

    async def events(*_: Any) -> Any:
        try:
            yield {}
        finally:
            closed.append("events")

    field = fields_of(schema, "Subscription")["a"]
    field.subscribe, field.resolve = events, resolvers.never
    before = others()
    stream: Any = ours.subscribe(schema, parse("subscription { a }"))
    stream = await stream if asyncio.iscoroutine(stream) else stream
    following = create_task(awaited(anext(stream)))
    await resolvers.all_began.wait()
    await cancel(following)
    await stream.aclose()
    assert (resolvers.ended, closed, others()) == (1, ["events"], before)


OF_LOADERS = {"dispatch_queue_batch", "_load_next"}
"""Tasks of loaders. A batch that has begun runs to its end or to the database's deadline; other requests may await it.
"""


def name(task: Task[Any]) -> str:
    return getattr(task.get_coro(), "__name__", "")


async def test_a_disconnected_client_leaves_no_task_and_the_next_request_is_served(
    engine: Engine, client: Client, resources: Resources, statements: list[str]
) -> None:
    expected = await client.data(HOME, as_="ana")
    await forget_responses(resources)
    token, before = await client.token("ana"), others()
    statements.clear()
    async with engine.stalled(resources):
        request = create_task(client.post(HOME, token=token))
        await until(lambda: bool(statements) or len(others() - before) > 1)
        await cancel(request)
        await until(lambda: {name(task) for task in others() - before} <= OF_LOADERS)
    await until(lambda: others() <= before)
    assert await client.data(HOME, as_="ana") == expected
