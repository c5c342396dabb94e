"""Runs two executors over the same world and tells how their answers differ."""

import asyncio
import gc
import warnings
from asyncio import AbstractEventLoop
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import CORO_CREATED, getcoroutinestate, isawaitable
from typing import Any, Protocol

from graphql import DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema

from tests.engine.support.kinds import STOCK_EXECUTE, Execute
from tests.engine.support.oracle import Census, objections

PATIENCE = 20.0


@dataclass
class Answer:
    """What one executor made of a request."""

    result: ExecutionResult | None = None
    raised: BaseException | None = None
    awaited: bool = False
    log: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    calls: int = 0
    leaks: list[str] = field(default_factory=list[str])


def error_key(error: GraphQLError) -> Any:
    """All of an error that a client or an operator may see, in a form that can be looked up."""
    original = error.original_error
    return (
        error.message,
        repr(error.path),
        repr(error.locations),
        type(original).__name__,
        str(original),
        repr(error.extensions),
        type(error).__name__,
    )


def ordered(value: Any) -> Any:
    """A form of data in which order of keys and types of numbers count."""
    if isinstance(value, dict):
        items: dict[Any, Any] = value
        return ("dict", [(key, ordered(inner)) for key, inner in items.items()])
    if isinstance(value, list):
        inners: list[Any] = value
        return ("list", [ordered(inner) for inner in inners])
    return (type(value).__name__, repr(value))


class Setting(Protocol):
    """What is fresh for each run."""

    root_value: Any
    log: list[tuple[str, Any]]
    made: list[Coroutine[Any, Any, Any]]
    calls: int


@dataclass
class Plain:
    """A setting by hand, of a root value alone."""

    root_value: Any = None
    log: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    made: list[Coroutine[Any, Any, Any]] = field(default_factory=list[Coroutine[Any, Any, Any]])
    calls: int = 0


class Harness:
    """An event loop, and what it takes to see everything that a run leaves behind."""

    def __init__(self) -> None:
        self.loop: AbstractEventLoop = asyncio.new_event_loop()
        self._noise: list[str] = []
        self.loop.set_exception_handler(lambda _loop, context: self._noise.append(str(context.get("message"))))

    def close(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def run(self, make_world: Callable[[], Setting], start: Callable[[Any], Any]) -> Answer:
        answer = Answer()
        self._noise.clear()
        # What the run forgets is found before the next one begins: all that it made is still young then.
        gc.disable()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                # To record them whole would keep the coroutines alive that they are about, until after the run.
                warnings.showwarning = self._warned
                world = make_world()
                self.loop.run_until_complete(self._finish(answer, start, world))
                never = [made for made in world.made if getcoroutinestate(made) == CORO_CREATED]
                for made in world.made:
                    made.close()
                answer.log, answer.calls = world.log, world.calls
                answer.leaks = [f"a value was never awaited: {made.__qualname__}" for made in never]
                del world, never
                gc.collect(0)
        finally:
            gc.enable()
        answer.leaks += self._noise
        return answer

    def _warned(self, message: Warning | str, *_more: Any, **_: Any) -> None:
        self._noise.append(str(message).partition("\n")[0])

    async def _finish(self, answer: Answer, start: Callable[[Any], Any], world: Any) -> None:
        task = asyncio.current_task()
        assert task
        alarm = self.loop.call_later(PATIENCE, task.cancel)
        try:
            made = start(world)
            answer.awaited = isawaitable(made)
            answer.result = kept(await made if answer.awaited else made)
            await settle()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  (that an executor raises is an answer too)
            answer.raised = forgotten(error)
            await settle()
        finally:
            alarm.cancel()


def kept(result: Any) -> Any:
    """The result as it is now: what goes on behind a finished answer may not add to it."""
    if not isinstance(result, ExecutionResult):
        return result
    for error in result.errors or ():
        forgotten(error)
    return ExecutionResult(result.data, list(result.errors) if result.errors is not None else None)


def forgotten(error: BaseException) -> BaseException:
    """The error without the frames that it came through: they would keep alive what the run forgot to await."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        inner = waiting.pop()
        if inner is not None and id(inner) not in seen:
            seen.add(id(inner))
            inner.__traceback__ = None
            waiting += [inner.__cause__, inner.__context__, getattr(inner, "original_error", None)]
    return error


async def settle() -> None:
    """Wait for whatever goes on behind the answer."""
    here = asyncio.current_task()
    while pending := [task for task in asyncio.all_tasks() if task is not here]:
        with suppress(asyncio.CancelledError):
            await asyncio.wait(pending)


@dataclass
class Comparison:
    """Two answers, and how they differ."""

    stock: Answer
    ours: Answer
    differences: list[str]


def compare_results(stock: ExecutionResult, ours: Any, *, in_order: bool, census: Callable[[], Census]) -> list[str]:
    """How two results differ."""
    if not isinstance(ours, ExecutionResult):
        return [f"not an ExecutionResult: {ours!r}"]
    wrong: list[str] = []
    if ordered(stock.data) != ordered(ours.data):
        wrong.append(f"data:\n    stock {stock.data!r}\n    ours  {ours.data!r}")
    if (stock.errors is None) != (ours.errors is None):
        return [*wrong, f"errors: stock {stock.errors!r}, ours {ours.errors!r}"]
    left = [error_key(error) for error in stock.errors or ()]
    right = [error_key(error) for error in ours.errors or ()]
    if left != right:
        wrong += [_listed("errors in order", left, right)] if in_order else compare_errors(left, right, census)
    return wrong


def compare_errors(left: list[Any], right: list[Any], census: Callable[[], Census]) -> list[str]:
    """How errors differ that time has brought into some order."""
    if sorted(left) == sorted(right):
        return []
    failures = census().failures()
    if doubts := objections(left, failures):
        return [f"the census is wrong about graphql-core: {doubt}" for doubt in doubts]
    doubts = objections(right, failures)
    return [*doubts, _listed("errors", left, right)] if doubts else []


def _listed(title: str, left: list[Any], right: list[Any]) -> str:
    lines = [f"{title}:"]
    lines += [f"    both  {key}" for key in left if key in right]
    lines += [f"    stock {key}" for key in left if key not in right]
    lines += [f"    ours  {key}" for key in right if key not in left]
    if sorted(left) == sorted(right):
        lines += [
            "    stock order:",
            *(f"      {key}" for key in left),
            "    our order:",
            *(f"      {key}" for key in right),
        ]
    return "\n".join(lines)


def compare(
    harness: Harness,
    execute: Execute,
    schema: GraphQLSchema,
    document: DocumentNode,
    make_world: Callable[[], Setting],
    **request: Any,
) -> Comparison:
    """Ask graphql-core once and the other executor three times the same, each time in a fresh world.

    The engine generates code for an operation that comes again, and other code after values out of the ordinary.
    """

    def answer(run: Execute, **more: Any) -> Answer:
        return harness.run(
            make_world,
            lambda world: run(schema, document, root_value=world.root_value, context_value=world, **request, **more),
        )

    def census() -> Census:
        made = Census(error_key)
        answer(STOCK_EXECUTE, executor_class=made.executor_class)
        return made

    def differences(ours: Answer) -> list[str]:
        wrong = compare_answers(stock, ours)
        if stock.result is not None and ours.result is not None:
            wrong += compare_results(stock.result, ours.result, in_order=not stock.awaited, census=census)
        return wrong

    stock, ours = answer(STOCK_EXECUTE), answer(execute)
    wrong = differences(ours)
    for _ in range(2):
        again = differences(answer(execute))
        wrong += [f"asked again: {difference}" for difference in again]
    return Comparison(stock, ours, wrong)


def compare_answers(stock: Answer, ours: Answer) -> list[str]:
    """How all the rest of two answers differs."""
    wrong: list[str] = []
    if (type(stock.raised), str(stock.raised)) != (type(ours.raised), str(ours.raised)):
        wrong.append(f"raised: stock {stock.raised!r}, ours {ours.raised!r}")
    if ours.awaited and not stock.awaited:
        wrong.append("graphql-core answered at once, ours had to be awaited")
    whole = stock.result is not None and not stock.result.errors
    if serial(stock.log, whole=whole) != serial(ours.log, whole=whole):
        wrong.append(f"order of the mutations: stock {stock.log}, ours {ours.log}")
    # Behind a failure ours may call resolvers that graphql-core never comes to, and nobody looks at what these give.
    if len(ours.leaks) > len(stock.leaks) and whole:
        wrong.append(f"left behind: stock {stock.leaks}, ours {ours.leaks}")
    return wrong


def serial(log: list[tuple[str, Any]], *, whole: bool) -> list[Any]:
    """In which order the fields of a mutation began, and, unless failures left work behind, that none overlap."""
    keys = [key for event, key in log if whole or event == "begin"]
    return [key for before, key in zip([None, *keys], keys, strict=False) if key != before]


def assert_same(
    execute: Execute, schema: GraphQLSchema, document: DocumentNode, make_world: Callable[[], Setting], **request: Any
) -> None:
    """Fail unless the executor answers as graphql-core does."""
    harness = Harness()
    try:
        differences = compare(harness, execute, schema, document, make_world, **request).differences
    finally:
        harness.close()
    assert not differences, "\n".join(differences)
