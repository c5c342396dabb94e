"""Runs two executors on the same world and reports the differences between their results."""

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

TIMEOUT = 20.0


@dataclass
class Answer:
    """The outcome of a request with one executor."""

    result: ExecutionResult | None = None
    raised: BaseException | None = None
    awaited: bool = False
    log: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    calls: int = 0
    leaks: list[str] = field(default_factory=list[str])


def error_key(error: GraphQLError) -> Any:
    """Returns all visible properties of an error as a hashable key."""
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
    """Returns data in a form that compares the order of keys and the types of numbers too."""
    if isinstance(value, dict):
        items: dict[Any, Any] = value
        return ("dict", [(key, ordered(inner)) for key, inner in items.items()])
    if isinstance(value, list):
        inners: list[Any] = value
        return ("list", [ordered(inner) for inner in inners])
    return (type(value).__name__, repr(value))


class Setting(Protocol):
    """The state that is created for each run."""

    root_value: Any
    log: list[tuple[str, Any]]
    coroutines: list[Coroutine[Any, Any, Any]]
    calls: int


@dataclass
class Plain:
    """A setting with a root value only."""

    root_value: Any = None
    log: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    coroutines: list[Coroutine[Any, Any, Any]] = field(default_factory=list[Coroutine[Any, Any, Any]])
    calls: int = 0


class Harness:
    """An event loop that also records warnings, background errors, and coroutines that were never awaited."""

    def __init__(self) -> None:
        self.loop: AbstractEventLoop = asyncio.new_event_loop()
        self._messages: list[str] = []
        self.loop.set_exception_handler(lambda _loop, context: self._messages.append(str(context.get("message"))))

    def close(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def run(self, make_world: Callable[[], Setting], start: Callable[[Any], Any]) -> Answer:
        answer = Answer()
        self._messages.clear()
        # Without automatic collections, all objects of the run are in the youngest generation at its end.
        gc.disable()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                # Recorded warnings would keep their coroutines alive until after the run.
                warnings.showwarning = self._warned
                world = make_world()
                self.loop.run_until_complete(self._finish(answer, start, world))
                never = [coroutine for coroutine in world.coroutines if getcoroutinestate(coroutine) == CORO_CREATED]
                for coroutine in world.coroutines:
                    coroutine.close()
                answer.log, answer.calls = world.log, world.calls
                answer.leaks = [f"a value was never awaited: {coroutine.__qualname__}" for coroutine in never]
                del world, never
                gc.collect(0)
        finally:
            gc.enable()
        answer.leaks += self._messages
        return answer

    def _warned(self, message: Warning | str, *_more: Any, **_: Any) -> None:
        self._messages.append(str(message).partition("\n")[0])

    async def _finish(self, answer: Answer, start: Callable[[Any], Any], world: Any) -> None:
        task = asyncio.current_task()
        assert task
        alarm = self.loop.call_later(TIMEOUT, task.cancel)
        try:
            result = start(world)
            answer.awaited = isawaitable(result)
            answer.result = snapshot(await result if answer.awaited else result)
            await settle()
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  (an exception is an outcome, too)
            answer.raised = without_traceback(error)
            await settle()
        finally:
            alarm.cancel()


def snapshot(result: Any) -> Any:
    """Returns a copy of the result, which tasks in the background cannot change."""
    if not isinstance(result, ExecutionResult):
        return result
    for error in result.errors or ():
        without_traceback(error)
    return ExecutionResult(result.data, list(result.errors) if result.errors is not None else None)


def without_traceback(error: BaseException) -> BaseException:
    """Returns the error without its frames, which would keep coroutines alive that the run did not await."""
    stack: list[BaseException | None] = [error]
    seen: set[int] = set()
    while stack:
        inner = stack.pop()
        if inner is not None and id(inner) not in seen:
            seen.add(id(inner))
            inner.__traceback__ = None
            stack += [inner.__cause__, inner.__context__, getattr(inner, "original_error", None)]
    return error


async def settle() -> None:
    """Waits for all other tasks."""
    here = asyncio.current_task()
    while pending := [task for task in asyncio.all_tasks() if task is not here]:
        with suppress(asyncio.CancelledError):
            await asyncio.wait(pending)


@dataclass
class Comparison:
    """The outcomes of two executors, and their differences."""

    stock: Answer
    ours: Answer
    differences: list[str]


def compare_results(stock: ExecutionResult, ours: Any, *, in_order: bool, census: Callable[[], Census]) -> list[str]:
    """Returns the differences between two results."""
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
    """Returns the differences between errors whose order depends on time."""
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
    """Executes a request once with graphql-core and three times with the other executor, each time in a new world.

    The engine generates code for an operation that is repeated, and other code after irregular values.
    """

    def answer(run: Execute, **more: Any) -> Answer:
        return harness.run(
            make_world,
            lambda world: run(schema, document, root_value=world.root_value, context_value=world, **request, **more),
        )

    def census() -> Census:
        census = Census(error_key)
        answer(STOCK_EXECUTE, executor_class=census.executor_class)
        return census

    def differences(ours: Answer) -> list[str]:
        wrong = compare_answers(stock, ours)
        if stock.result is not None and ours.result is not None:
            wrong += compare_results(stock.result, ours.result, in_order=not stock.awaited, census=census)
        return wrong

    stock, ours = answer(STOCK_EXECUTE), answer(execute)
    wrong = differences(ours)
    for _ in range(2):
        again = differences(answer(execute))
        wrong += [f"repeated: {difference}" for difference in again]
    return Comparison(stock, ours, wrong)


def compare_answers(stock: Answer, ours: Answer) -> list[str]:
    """Returns the differences between two outcomes, except their results."""
    wrong: list[str] = []
    if (type(stock.raised), str(stock.raised)) != (type(ours.raised), str(ours.raised)):
        wrong.append(f"raised: stock {stock.raised!r}, ours {ours.raised!r}")
    if ours.awaited and not stock.awaited:
        wrong.append("graphql-core returned a result, ours an awaitable")
    without_errors = stock.result is not None and not stock.result.errors
    if serial(stock.log, overlaps=without_errors) != serial(ours.log, overlaps=without_errors):
        wrong.append(f"order of the mutations: stock {stock.log}, ours {ours.log}")
    # After a failure, ours may call resolvers that graphql-core does not call. Their values are not awaited.
    if len(ours.leaks) > len(stock.leaks) and without_errors:
        wrong.append(f"leaks: stock {stock.leaks}, ours {ours.leaks}")
    return wrong


def serial(log: list[tuple[str, Any]], *, overlaps: bool) -> list[Any]:
    """Returns the order in which the fields of a mutation began. With `overlaps`, overlapping fields occur twice."""
    keys = [key for event, key in log if overlaps or event == "begin"]
    return [key for before, key in zip([None, *keys], keys, strict=False) if key != before]


def assert_same(
    execute: Execute, schema: GraphQLSchema, document: DocumentNode, make_world: Callable[[], Setting], **request: Any
) -> None:
    """Fails unless the executor has graphql-core's outcome."""
    harness = Harness()
    try:
        differences = compare(harness, execute, schema, document, make_world, **request).differences
    finally:
        harness.close()
    assert not differences, "\n".join(differences)
