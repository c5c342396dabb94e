"""Compares the answers to subscriptions, event by event."""

import asyncio
from collections.abc import AsyncIterable, Callable
from inspect import isawaitable
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLSchema

from tests.engine.support.comparison import Answer, Harness, Setting, compare_results, error_key, forgotten, kept
from tests.engine.support.kinds import STOCK_SUBSCRIBE, Subscribe
from tests.engine.support.oracle import Census


async def collected(stream: AsyncIterable[Any]) -> list[Any]:
    """All results of a stream, and what it ends with if it breaks."""
    results: list[Any] = []
    try:
        async for result in stream:
            results.append(kept(result))  # noqa: PERF401  (what came before a failure is kept)
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001
        results.append(forgotten(error))
    return results


async def listened(made: Any) -> Any:
    """The whole answer: a result, or all results."""
    if isawaitable(made):
        made = await made
    return await collected(made) if hasattr(made, "__aiter__") else made


def compare_subscriptions(
    harness: Harness,
    subscribe: Subscribe,
    schema: GraphQLSchema,
    document: DocumentNode,
    make_world: Callable[[], Setting],
    **request: Any,
) -> list[str]:
    """How the answers of two executors differ over all events."""

    def answer(run: Subscribe, **more: Any) -> Answer:
        return harness.run(
            make_world,
            lambda world: listened(
                run(schema, document, root_value=world.root_value, context_value=world, **request, **more)
            ),
        )

    def census(at: int) -> Census:
        made = Census(error_key, at)
        answer(STOCK_SUBSCRIBE, executor_class=made.executor_class)
        return made

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
    # As in `compare_answers`: behind a failure ours may call resolvers that graphql-core never comes to.
    whole = not any(each.errors for each in left if isinstance(each, ExecutionResult))
    if len(ours.leaks) > len(stock.leaks) and whole:
        wrong.append(f"left behind: stock {stock.leaks}, ours {ours.leaks}")
    return wrong


def as_list(result: Any) -> list[Any]:
    return result if isinstance(result, list) else [result]
