"""Executor classes for graphql-core that execute operations with the engine."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution import Executor, ExperimentalIncrementalExecutionResults
from graphql.execution.executor import CollectedErrors
from graphql.execution.executor_throwing_on_incremental import ExecutorThrowingOnIncremental
from graphql.execution.incremental import IncrementalExecutor
from graphql.pyutils import AwaitableOrValue, RefMap
from graphql.type import GraphQLResolveInfoHelpers

from engine.cache import plans_of
from engine.execution import Execution
from engine.graphql_core import AnyExecutor
from engine.plan import Selection

Result = AwaitableOrValue[ExecutionResult | ExperimentalIncrementalExecutionResults]

STATE: Mapping[str, Callable[[AnyExecutor], Any]] = {
    "async_helpers": lambda executor: GraphQLResolveInfoHelpers(
        gather=executor.gather_async_work, track=executor.track_async_work
    ),
    "collected_errors": lambda _: CollectedErrors(),
    "pending_incremental_futures": lambda _: set[Any](),
    "background_futures": lambda _: set[Any](),
    "_relevant_sub_fields": lambda _: dict[Any, Any](),
    **dict.fromkeys(("groups", "tasks", "streams"), lambda _: list[Any]()),
    **dict.fromkeys(
        ("_stream_usages", "_initial_execution_plans", "_deferred_execution_plans"), lambda _: RefMap[Any, Any]()
    ),
}
"""The state of an execution, by the name of graphql-core's attribute, with a function that creates it.

An executor without incremental delivery uses only a part of it.
"""


class BreadthFirst(Executor[Any]):
    """Executes operations by compiled plans, level by level.

    This is a mixin for an executor of graphql-core. Operations that the engine does not support are delegated to that
    executor and counted.
    """

    def __getattr__(self, name: str) -> Any:
        """Creates state that an executor of a template does not have yet. Executions by plans need little of it."""
        if name not in STATE:
            raise AttributeError(name)
        value = vars(self)[name] = STATE[name](self)
        return value

    def execute_operation(self, serially: bool | None = None) -> Result:  # noqa: FBT001 - graphql-core's signature
        plan = self._plan()
        if plan is None:
            for name in STATE:
                getattr(self, name)  # executors of deferred fragments are copies, which share it
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
