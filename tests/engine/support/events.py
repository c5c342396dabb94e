"""Comparison of the results of subscriptions, event by event."""

import asyncio
from collections.abc import AsyncIterable, Callable
from inspect import isawaitable
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLSchema

from tests.engine.support.comparison import (
    Answer,
    Harness,
    Setting,
    compare_results,
    error_key,
    snapshot,
    without_traceback,
)
from tests.engine.support.kinds import STOCK_SUBSCRIBE, Subscribe
from tests.engine.support.oracle import Census


async def collected(stream: AsyncIterable[Any]) -> list[Any]:
    """Returns all results of a stream, followed by the exception with which it ended, if any."""
    results: list[Any] = []
    try:
        async for result in stream:
            results.append(snapshot(result))  # noqa: PERF401  (the results before a failure are needed)
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001
        results.append(without_traceback(error))
    return results


async def all_results(result: Any) -> Any:
    """Returns the single result, or the list of all results of a stream."""
    if isawaitable(result):
        result = await result
    return await collected(result) if hasattr(result, "__aiter__") else result


def compare_subscriptions(
    harness: Harness,
    subscribe: Subscribe,
    schema: GraphQLSchema,
    document: DocumentNode,
    make_world: Callable[[], Setting],
    **request: Any,
) -> list[str]:
    """Returns the differences between the results of two executors for all events."""

    def answer(run: Subscribe, **more: Any) -> Answer:
        return harness.run(
            make_world,
            lambda world: all_results(
                run(schema, document, root_value=world.root_value, context_value=world, **request, **more)
            ),
        )

    def census(at: int) -> Census:
        census = Census(error_key, at)
        answer(STOCK_SUBSCRIBE, executor_class=census.executor_class)
        return census

    stock, ours = answer(STOCK_SUBSCRIBE), answer(subscribe)
    if (type(stock.raised), str(stock.raised)) != (type(ours.raised), str(ours.raised)):
        return [f"raised: stock {stock.raised!r}, ours {ours.raised!r}"]
    left, right = as_list(stock.result), as_list(ours.result)
    if type(stock.result) is not type(ours.result) or len(left) != len(right):
        return [f"events:\n    stock {left}\n    ours  {right}"]
    wrong: list[str] = []
    for at, (one, other) in enumerate(zip(left, right, strict=True)):
        if isinstance(one, ExecutionResult):
            wrong += compare_results(one, other, in_order=False, census=lambda at=at: census(at))
        elif (type(one), str(one)) != (type(other), str(other)):
            wrong.append(f"event {at}: stock {one!r}, ours {other!r}")
    # As in `compare_answers`: after a failure, ours may call resolvers that graphql-core does not call.
    without_errors = not any(result.errors for result in left if isinstance(result, ExecutionResult))
    if len(ours.leaks) > len(stock.leaks) and without_errors:
        wrong.append(f"leaks: stock {stock.leaks}, ours {ours.leaks}")
    return wrong


def as_list(result: Any) -> list[Any]:
    return result if isinstance(result, list) else [result]
