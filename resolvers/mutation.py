"""How every mutation field runs."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from core.errors import ProblemError
from schema.context import Info
from services.unit_of_work import UnitOfWork, unit_of_work


async def mutate(info: Info, service: Callable[[UnitOfWork], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
    """The service's answer once its unit of work is committed, or the problem for which it was undone."""
    try:
        async with unit_of_work(info.context.resources) as work:
            answer = await service(work)
    except ProblemError as refusal:
        return refusal.row
    finally:
        info.context.forget_reads()
    return answer
