"""Formats incremental results as `incrementalSpec=v0.2`: results of graphql-core, with described errors."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from graphql import ExperimentalIncrementalExecutionResults, GraphQLError
from graphql.execution import CompletedResult, IncrementalDeferResult, IncrementalStreamResult, PendingResult

from gateway.errors.graphql_errors import describe_executed
from gateway.execution.results import FormattedResult


async def format_parts(results: ExperimentalIncrementalExecutionResults) -> AsyncGenerator[FormattedResult]:
    """Yields the initial result, and then the deferred results. `hasNext` is false in the last one."""
    async with aclosing(results.subsequent_results) as subsequent:
        first = results.initial_result
        yield {
            "data": first.data,
            **_errors(first.errors),
            "pending": [_pending(item) for item in first.pending],
            "hasNext": first.has_next,
        }
        async for part in subsequent:
            yield {
                **({"pending": [_pending(item) for item in part.pending]} if part.pending else {}),
                **({"incremental": [_incremental(item) for item in part.incremental]} if part.incremental else {}),
                **({"completed": [_completed(item) for item in part.completed]} if part.completed else {}),
                "hasNext": part.has_next,
            }


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
