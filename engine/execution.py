"""One execution of a plan: batch by batch, each field once for all objects of the batch.

Executing a field returns its column at once, with None for each value that waits for an awaitable. These values are
set later. An execution without awaitables is synchronous.
"""

from collections.abc import Sequence
from typing import Any

from graphql import ExecutionResult
from graphql.pyutils import AwaitableOrValue

from engine.builder import Builder
from engine.completion import complete
from engine.failures import Failures
from engine.field_execution import Abandoned, ColumnValues, FieldExecution
from engine.graphql_core import AnyExecutor
from engine.leaves import is_regular_class
from engine.plan import Field, Selection
from engine.positions import Batch, Slots
from engine.resolving import one_value_per_source, resolve
from engine.scheduler import ExecutionScheduler

_REGULAR_TYPES = frozenset({bool, dict, float, int, list, str, tuple, type(None)})


class Execution:
    """The state of one execution: graphql-core's executor with the request, the failures, and the pending values.

    `regular_types` are types whose instances are neither exceptions nor callable nor awaitable.
    """

    def __init__(self, executor: AnyExecutor, root: Selection) -> None:
        self.executor = executor
        self.root = Batch(root, [executor.root_value], {type(executor.root_value)})
        self.failures = Failures(propagate=executor.error_propagation)
        self.scheduler = ExecutionScheduler(executor, self.failures)
        self.regular_types = _REGULAR_TYPES

    def run(self, *, serially: bool) -> AwaitableOrValue[ExecutionResult]:
        if serially:
            return self._run_serially()
        self.execute_batch(self.root)
        self.scheduler.abandon()
        if self.scheduler:
            return self._finish()
        return self._result()

    def execute_batch(self, batch: Batch) -> list[dict[str, Any]]:
        """Returns one dict per object of the batch. Pending values are put into them later."""
        selection = batch.selection
        builder = selection.builders.get(batch.variant) or selection.builder(batch.variant, batch.kinds)
        columns = [self._start(field, batch) for field in builder.columns]
        try:
            batch.outputs = builder.build(batch.sources, *columns)
        except Exception:  # noqa: BLE001 - execution by columns raises it again, for the value that caused it
            selection.disable_nesting()
            batch.outputs = self._execute_by_columns(batch, builder, columns)
        return batch.outputs

    def _execute_by_columns(self, batch: Batch, builder: Builder, columns: list[ColumnValues]) -> list[dict[str, Any]]:
        by_field = dict(zip(builder.columns, columns, strict=True))
        for field in builder.inlined:
            by_field[field] = self._start(field, batch, by_resolver=True)
        selection = batch.selection
        return selection.plain.build(batch.sources, *(by_field[field] for field in selection.fields))

    def _start(self, field: Field, batch: Batch, *, by_resolver: bool = False) -> ColumnValues:
        """Returns the field's completed values, with None for each pending value."""
        field_execution = FieldExecution(self, field, batch, batch.rounds)
        values = resolve(field_execution, by_resolver=by_resolver)
        if isinstance(values, list):
            return complete(field_execution, field_execution, values)
        size = len(batch.sources)
        field_execution.complete_later([values], field_execution, range(size), _complete_level)
        return [None] * size

    def has_irregular(self, kinds: set[type]) -> bool:
        """Returns whether values of some of these types may be exceptions, callables or awaitables."""
        if kinds <= self.regular_types:
            return False
        self.regular_types |= {kind for kind in kinds if is_regular_class(kind)}
        return not kinds <= self.regular_types

    def _result(self) -> ExecutionResult:
        data: dict[str, Any] | None = self.root.outputs[0]
        # The executor and its helpers refer to each other. Without this line, only the garbage collector would free
        # the request and its context. Infos keep a reference to the helpers.
        vars(self.executor).pop("async_helpers", None)
        if not self.failures:
            return ExecutionResult(data, None)
        return ExecutionResult(*self.failures.settle(self.root.outputs[0]))

    async def _finish(self) -> ExecutionResult:
        await self.scheduler.settle()
        return self._result()

    def _run_serially(self) -> AwaitableOrValue[ExecutionResult]:
        """Executes the root fields one after another, each with everything below it.

        Stops after a field whose failure makes all data null.
        """
        fields = self.root.selection.fields
        self.root.outputs = [{field.key: None for field in fields}]
        for number, field in enumerate(fields):
            self._start_alone(field)
            if self.scheduler:
                return self._finish_serially(fields[number + 1 :])
            if self.failures.everything_null:
                break
        return self._result()

    def _start_alone(self, field: Field) -> None:
        (self.root.outputs[0][field.key],) = self._start(field, self.root)
        self.scheduler.abandon()

    async def _finish_serially(self, fields: Sequence[Field]) -> ExecutionResult:
        await self.scheduler.settle()
        for field in fields:
            if self.failures.everything_null:
                break
            self._start_alone(field)
            if self.scheduler:
                await self.scheduler.settle()
        return self._result()


def _complete_level(field_execution: FieldExecution, _slots: Slots, results: list[Any]) -> ColumnValues:
    (result,) = results
    if isinstance(result, Abandoned):
        return []
    return complete(field_execution, field_execution, one_value_per_source(field_execution, result))
