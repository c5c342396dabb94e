"""Runs mutation fields."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.errors import ProblemError
from schema.context import Info
from services.unit_of_work import UnitOfWork, unit_of_work


async def mutate(info: Info, service: Callable[[UnitOfWork], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
    """Returns the service's result after the commit, or the row of the problem that rolled the unit of work back."""
    try:
        async with unit_of_work(info.context.resources) as work:
            result = await service(work)
    except ProblemError as problem:
        return problem.row
    finally:
        info.context.forget_reads()
    return result
