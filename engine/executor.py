"""Executor classes for graphql-core that execute operations with the engine."""

from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution import Executor, ExperimentalIncrementalExecutionResults
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.incremental import IncrementalExecutor
from graphql.pyutils import AwaitableOrValue

from engine.cache import plans_of
from engine.execution import Execution
from engine.plan import Selection

Result = AwaitableOrValue[ExecutionResult | ExperimentalIncrementalExecutionResults]


class BreadthFirst(Executor[Any]):
    """Executes operations by compiled plans, level by level.

    This is a mixin for an executor of graphql-core. Operations that the engine does not support are delegated to that
    executor and counted.
    """

    def execute_operation(self, serially: bool | None = None) -> Result:  # noqa: FBT001 - graphql-core's signature
        plan = self._plan()
        if plan is None:
            return super().execute_operation(serially)
        if serially is None:
            serially = self.operation.operation is OperationType.MUTATION
        result: Any = Execution(self, plan).run(serially=serially)
        return result

    def _plan(self) -> Selection | None:
        """Returns the plan of the operation, or None if graphql-core has to execute it or to report its errors."""
        plans = plans_of(self.schema)
        reason = self._unsupported_option()
        if reason is None:
            prepared = plans.prepared(self)
            reason = prepared.reason
            if reason is None:
                try:
                    return prepared.plan(self)
                except (GraphQLError, LookupError):
                    reason = "invalid operation"
        plans.delegated[reason] += 1
        return None

    def _unsupported_option(self) -> str | None:
        if self.middleware_manager is not None and self.middleware_manager.middlewares:
            return "middleware"
        if self.abort_signal is not None:
            return "abort signal"
        return "hooks" if self.hooks is not None else None


class BreadthFirstExecutor(BreadthFirst, IncrementalExecutor):
    """The engine's executor for `graphql.execute(..., executor_class=...)`."""


class BreadthFirstEventExecutor(BreadthFirst, ExecutorThrowingOnIncremental):
    """The engine's executor for `graphql.subscribe(..., executor_class=...)`."""
