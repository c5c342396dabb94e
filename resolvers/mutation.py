"""Runs mutation fields."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.errors import ProblemError
from core.operation_counts import operation_counts
from core.viewer import SignedIn
from models import cache_tags
from schema.context import Info
from services.resources import Resources
from services.unit_of_work import UnitOfWork, unit_of_work

_PROBLEM = "Problem"
"""The end of the names of types of problems. Services that write in spite of a problem return its row."""


async def mutate(
    info: Info, resources: Resources, service: Callable[[UnitOfWork], Awaitable[Mapping[str, Any]]]
) -> Mapping[str, Any]:
    """Returns the service's result after the commit, or the row of the problem that rolled the unit of work back.

    `resources` are those of the feature, from `Context.resources_of`.
    """
    try:
        async with unit_of_work(resources) as work:
            if isinstance(info.context.authentication, SignedIn):
                work.changes(cache_tags.viewer(info.context.authentication.user_id))
            result = await service(work)
    except ProblemError as problem:
        result = problem.row
    finally:
        info.context.forget_reads()
    return _counted(result)


async def mutate_in_steps(info: Info, service: Callable[[], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
    """Returns the result of a service that opens its own units of work, or the row of its problem.

    Such a service calls another server between two of them, or repeats one that the database rolled back.
    """
    try:
        result = await service()
    except ProblemError as problem:
        result = problem.row
    finally:
        info.context.forget_reads()
    return _counted(result)


def _counted(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a result. If it is a problem, it counts for the current operation."""
    counts = operation_counts.get()
    if counts is not None and str(row.get("__typename", "")).endswith(_PROBLEM):
        counts.note_problem(row["code"])
    return row
