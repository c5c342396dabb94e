"""One run of a plan: batches of objects, each field once for all of them.

Answering a field gives its column at once, with None where awaitables have to be waited for; their values are put in
their places later. An execution in which nothing is late is synchronous.
"""

from collections.abc import Sequence
from typing import Any

from graphql import ExecutionResult
from graphql.pyutils import AwaitableOrValue

from engine.builder import Builder
from engine.completion import complete
from engine.failures import Failures
from engine.graphql_core import AnyExecutor
from engine.leaves import is_regular_class
from engine.plan import Field, Selection
from engine.positions import Batch, Place
from engine.resolving import one_each, resolve
from engine.strand import Abandoned, Column, Strand
from engine.waiting import Waiting

_REGULAR = frozenset({bool, dict, float, int, list, str, tuple, type(None)})


class Execution:
    """What one run shares: the request as graphql-core's executor holds it, failures, and what is waited for."""

    def __init__(self, executor: AnyExecutor, root: Selection) -> None:
        self.executor = executor
        self.root = Batch(root, [executor.root_value], {type(executor.root_value)})
        self.failures = Failures(propagate=executor.error_propagation)
        self.waiting = Waiting(executor, self.failures)
        self.regular = _REGULAR

    def run(self, *, serially: bool) -> AwaitableOrValue[ExecutionResult]:
        if serially:
            return self._run_serially()
        self.answer(self.root)
        self.waiting.abandon()
        if self.waiting:
            return self._finish()
        return self._result()

    def answer(self, batch: Batch) -> list[dict[str, Any]]:
        """The dicts for a batch's objects. What has to be waited for is put into them later."""
        selection = batch.selection
        builder = selection.builders.get(batch.variant) or selection.builder(batch.variant, batch.kinds)
        columns = [self._start(field, batch) for field in builder.columns]
        try:
            batch.outs = builder.build(batch.sources, *columns)
        except Exception:  # noqa: BLE001 - whatever it is, the ordinary way meets it again and says where
            selection.flatten()
            batch.outs = self._answer_by_columns(batch, builder, columns)
        return batch.outs

    def _answer_by_columns(self, batch: Batch, builder: Builder, columns: list[Column]) -> list[dict[str, Any]]:
        done = dict(zip(builder.columns, columns, strict=True))
        for field in builder.inlined:
            done[field] = self._start(field, batch, by_resolver=True)
        selection = batch.selection
        return selection.plain.build(batch.sources, *(done[field] for field in selection.fields))

    def _start(self, field: Field, batch: Batch, *, by_resolver: bool = False) -> Column:
        """The field's completed values, or as many times None if they have to be waited for."""
        strand = Strand(self, field, batch, batch.rounds)
        values = resolve(strand, by_resolver=by_resolver)
        if isinstance(values, list):
            return complete(strand, strand, values)
        size = len(batch.sources)
        strand.go_on_later([values], strand, range(size), _complete_level)
        return [None] * size

    def irregular(self, kinds: set[type]) -> bool:
        """Whether values of some of these types may be exceptions, or something to call or to await."""
        if kinds <= self.regular:
            return False
        self.regular |= {kind for kind in kinds if is_regular_class(kind)}
        return not kinds <= self.regular

    def _result(self) -> ExecutionResult:
        data: dict[str, Any] | None = self.root.outs[0]
        # The executor and its helpers know each other, so that without this nothing of the request, context included,
        # would be freed before the collector of garbage comes by. Infos keep the helpers that they were given.
        vars(self.executor).pop("async_helpers", None)
        if not self.failures:
            return ExecutionResult(data, None)
        return ExecutionResult(*self.failures.settle(self.root.outs[0]))

    async def _finish(self) -> ExecutionResult:
        await self.waiting.settle()
        return self._result()

    def _run_serially(self) -> AwaitableOrValue[ExecutionResult]:
        """Root fields one after another, each with everything below it; none after one that made the answer null."""
        fields = self.root.selection.fields
        self.root.outs = [{field.key: None for field in fields}]
        for number, field in enumerate(fields):
            self._start_alone(field)
            if self.waiting:
                return self._finish_serially(fields[number + 1 :])
            if self.failures.everything_null:
                break
        return self._result()

    def _start_alone(self, field: Field) -> None:
        (self.root.outs[0][field.key],) = self._start(field, self.root)
        self.waiting.abandon()

    async def _finish_serially(self, fields: Sequence[Field]) -> ExecutionResult:
        await self.waiting.settle()
        for field in fields:
            if self.failures.everything_null:
                break
            self._start_alone(field)
            if self.waiting:
                await self.waiting.settle()
        return self._result()


def _complete_level(strand: Strand, _place: Place, results: list[Any]) -> Column:
    (result,) = results
    if isinstance(result, Abandoned):
        return []
    return complete(strand, strand, one_each(strand, result))
