"""Defines a schema with subscriptions and slow fields."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import strawberry
from strawberry.schema.config import StrawberryConfig

from core.viewer import SignedIn
from engine.for_strawberry import StrawberryExecutor
from schema.context import Info
from tests.support.timing import until

FOREVER_SECONDS = 3600
"""Longer than any test waits."""


class Watched:
    """Holds the state that tests observe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.open = 0
        self.closed = 0
        self.mutated = 0
        self.loaders: list[object] = []

    async def until(self, true: Callable[[], bool]) -> None:
        try:
            await until(true)
        except TimeoutError as error:
            raise AssertionError(vars(self)) from error


watched = Watched()


@strawberry.type
class Friend:
    name: str

    @strawberry.field
    async def nickname(self) -> str:
        await asyncio.sleep(0.01)
        return self.name[:2]

    @strawberry.field
    async def broken(self) -> str:
        await asyncio.sleep(0.01)
        raise RuntimeError("password=hunter2")


@strawberry.type
class Person(Friend):
    @strawberry.field
    async def friends(self) -> list[Friend]:
        return [Friend(name="Ben"), Friend(name="Chi")]


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    def wide(self, number: int) -> int:
        return number

    @strawberry.field
    async def person(self) -> Person:
        return Person(name="Ana")

    @strawberry.field
    async def never(self) -> str:
        watched.open += 1
        try:
            await asyncio.sleep(FOREVER_SECONDS)
        finally:
            watched.closed += 1
        return "never"

    @strawberry.field
    async def later(self, seconds: float = 0.3) -> str:
        await asyncio.sleep(seconds)
        return "done"

    @strawberry.field
    async def viewer_id(self, info: Info) -> int:
        return info.context.signed_in.user_id

    @strawberry.field
    def secret(self) -> str:
        raise RuntimeError("password=hunter2")


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def slowly(self) -> int:
        await asyncio.sleep(0.2)
        watched.mutated += 1
        return watched.mutated


@strawberry.type
class Event:
    number: int

    @strawberry.field
    def viewer(self, info: Info) -> int | None:
        viewer = info.context.viewer
        watched.loaders.append(info.context.loaders)
        return viewer.user_id if isinstance(viewer, SignedIn) else None

    @strawberry.field
    def sometimes(self) -> int | None:
        if self.number == 1:
            raise RuntimeError("password=hunter2")
        return self.number


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncGenerator[Event]:
        for number in range(to):
            yield Event(number=number)

    @strawberry.subscription
    async def forever(self) -> AsyncGenerator[Event]:
        """Yields one event, and then waits."""
        watched.open += 1
        try:
            yield Event(number=0)
            await asyncio.sleep(FOREVER_SECONDS)
        finally:
            watched.closed += 1

    @strawberry.subscription
    async def flood(self, size: int) -> AsyncGenerator[str]:
        while True:
            watched.open += 1
            yield "x" * size

    @strawberry.subscription
    async def echo(self, text: str) -> AsyncGenerator[str]:
        yield text

    @strawberry.subscription
    async def ends(self) -> AsyncGenerator[Event]:
        yield Event(number=0)
        raise RuntimeError("password=hunter2")

    @strawberry.subscription
    async def mine(self, info: Info) -> AsyncGenerator[int]:
        return _once(info.context.signed_in.user_id)

    @strawberry.subscription
    async def late(self, info: Info) -> AsyncGenerator[int]:
        """Starts after a delay, and yields the id of the signed-in user."""
        watched.open += 1
        await asyncio.sleep(0.3)
        return _always(info.context.signed_in.user_id)

    @strawberry.subscription
    async def fails(self) -> AsyncGenerator[Event]:
        raise RuntimeError("password=hunter2")


async def _always(number: int) -> AsyncGenerator[int]:
    try:
        while True:
            yield number
            await asyncio.sleep(0.05)
    finally:
        watched.closed += 1


async def _once(number: int) -> AsyncGenerator[int]:
    yield number


def live_schema() -> strawberry.Schema:
    return strawberry.Schema(
        Query,
        Mutation,
        Subscription,
        config=StrawberryConfig(enable_experimental_incremental_execution=True),
        execution_context_class=StrawberryExecutor,
    )
