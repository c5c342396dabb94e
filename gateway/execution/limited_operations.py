"""Executes operations within the limit of concurrent executions."""

from collections.abc import AsyncGenerator
from typing import Any

from gateway.callers.caller import Caller
from gateway.execution.incremental import IncrementalExecution
from gateway.execution.operation import Operation, priority_of
from gateway.execution.operations import LiveSource, Operations
from gateway.execution.results import FormattedResult
from gateway.execution.spending import Spending
from gateway.overload import Admission, Place, note_begun
from services.resources import Resources


class LimitedOperations(Operations):
    """Operations that hold a place while they are executed. All methods raise `RequestError` (OVERLOADED) if they shed.

    No statement runs before an operation has a place. Nothing is taken from a budget, unless a batch or the response
    cache has taken the cost before. An operation that is shed gives it back.
    """

    def __init__(self, *parts: Any, admission: Admission) -> None:
        super().__init__(*parts)
        self.admission = self._admission = admission

    def check_load(self, operation: Operation) -> None:
        rejection = self._admission.rejection(priority_of(operation))
        if rejection is not None:
            raise rejection

    async def execute(
        self, operation: Operation, caller: Caller, resources: Resources, spending: Spending | None = None
    ) -> FormattedResult:
        """Executes a query or a mutation. What was taken as `spending` is given back if it is shed."""
        admission = self._admission
        place = admission.take_free(operation.shape)
        if place is None:
            try:
                place = await self._enter(operation)
            except BaseException:
                if spending is not None:
                    spending.cancel()
                raise
        note_begun()
        try:
            response = await super().execute(operation, caller, resources, spending)
            if "errors" not in response:
                admission.record(place)
            return response
        finally:
            admission.release(place)

    async def execute_incrementally(
        self, operation: Operation, caller: Caller, resources: Resources
    ) -> IncrementalExecution | FormattedResult:
        """Executes a query or a mutation. The place is left after the last deferred part, even if it is not read."""
        place = await self._enter(operation)
        try:
            execution = await super().execute_incrementally(operation, caller, resources)
        except BaseException:
            place.leave()
            raise
        if isinstance(execution, IncrementalExecution):
            execution.when_ended(place.leave)
        else:
            place.leave()
        return execution

    async def subscribe(
        self, operation: Operation, caller: Caller, resources: Resources, last_event_id: str | None = None
    ) -> AsyncGenerator[FormattedResult] | LiveSource:
        """Returns the source. Only its start has a place: events are executed when they arrive."""
        place = await self._enter(operation)
        try:
            return await super().subscribe(operation, caller, resources, last_event_id)
        finally:
            place.leave()

    async def _enter(self, operation: Operation) -> Place:
        return await self._admission.enter(operation.shape, priority_of(operation))
