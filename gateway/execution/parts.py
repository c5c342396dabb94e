"""Formats incremental results as `incrementalSpec=v0.2`: results of graphql-core, with described errors."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from math import inf
from typing import Any

from graphql import ExperimentalIncrementalExecutionResults, GraphQLError
from graphql.execution import (
    CompletedResult,
    IncrementalDeferResult,
    IncrementalStreamResult,
    PendingResult,
    SubsequentIncrementalExecutionResult,
)

from core.deadlines import shortened
from core.errors import Unavailable
from gateway.errors.graphql_errors import describe_executed
from gateway.errors.request_error import describe
from gateway.execution.results import FormattedResult

_GRACE_SECONDS = 0.5
"""The seconds after the deadline of the request in which statements that it has ended become parts with errors."""
_TOO_LATE = "This part is unavailable: the time of the request is over. Try again."


async def format_parts(results: ExperimentalIncrementalExecutionResults) -> AsyncGenerator[FormattedResult]:
    """Yields the initial result, and then the deferred results. `hasNext` is false in the last one.

    What is not complete soon after the deadline of the request is UNAVAILABLE, whatever it waits for.
    """
    async with aclosing(results.subsequent_results) as subsequent:
        first = results.initial_result
        pending = {item.id: item for item in first.pending}
        yield {
            "data": first.data,
            **_errors(first.errors),
            "pending": [_pending(item) for item in first.pending],
            "hasNext": first.has_next,
        }
        try:
            while (part := await _next(subsequent)) is not None:
                pending.update((item.id, item) for item in part.pending or ())
                for completed in part.completed or ():
                    pending.pop(completed.id, None)
                yield _part(part)
        except TimeoutError:
            yield {"completed": [_missing(item) for item in pending.values()], "hasNext": False}


async def _next(
    subsequent: AsyncGenerator[SubsequentIncrementalExecutionResult],
) -> SubsequentIncrementalExecutionResult | None:
    """Returns the next results, or None after the last. Raises `TimeoutError` soon after the request's deadline."""
    seconds = shortened(inf) + _GRACE_SECONDS
    async with asyncio.timeout(None if seconds == inf else seconds):
        return await anext(subsequent, None)


def _part(part: SubsequentIncrementalExecutionResult) -> FormattedResult:
    return {
        **_named("pending", map(_pending, part.pending or ())),
        **_named("incremental", map(_incremental, part.incremental or ())),
        **_named("completed", map(_completed, part.completed or ())),
        "hasNext": part.has_next,
    }


def _named(name: str, values: Iterable[dict[str, Any]]) -> dict[str, Any]:
    listed = list(values)
    return {name: listed} if listed else {}


def _missing(pending: PendingResult) -> dict[str, Any]:
    return {"id": pending.id, "errors": [{**describe(Unavailable(_TOO_LATE)), "path": pending.path}]}


def _errors(errors: Sequence[GraphQLError] | None) -> dict[str, Any]:
    return {"errors": [describe_executed(error) for error in errors]} if errors else {}


def _pending(pending: PendingResult) -> dict[str, Any]:
    label = {} if pending.label is None else {"label": pending.label}
    return {"id": pending.id, "path": pending.path, **label}


def _incremental(result: IncrementalDeferResult | IncrementalStreamResult) -> dict[str, Any]:
    content = {"items": result.items} if isinstance(result, IncrementalStreamResult) else {"data": result.data}
    where = {"subPath": result.sub_path} if result.sub_path else {}
    return {"id": result.id, **where, **content, **_errors(result.errors)}


def _completed(completed: CompletedResult) -> dict[str, Any]:
    return {"id": completed.id, **_errors(completed.errors)}
