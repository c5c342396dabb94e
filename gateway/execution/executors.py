"""Creates executors of operations."""

from typing import Any

from graphql import DocumentNode, GraphQLError, GraphQLSchema
from graphql.execution import Executor

from engine.executor import BreadthFirst
from engine.templates import ExecutorTemplate
from gateway.execution.operation import Operation
from schema.context import Context

CreatedExecutor = Executor[Any] | list[GraphQLError]
"""An executor, or the errors of the values of variables."""


class Executors:
    """Creates executors of operations on one schema."""

    def __init__(self, schema: GraphQLSchema, kind: type[Executor[Any]]) -> None:
        self.schema = schema
        self._kind = kind

    def of_whole(self, operation: Operation, context: Context, *, hides_suggestions: bool) -> CreatedExecutor:
        """Returns an executor for a response in one piece. All but the first of an operation come from a template."""
        document, key = operation.document, (operation.name, hides_suggestions)
        template = document.templates.get(key)
        if template is not None:
            return template.executor(context, operation.variables)
        executor = self._build(document.node_without_incremental, operation, context, hides_suggestions)
        if isinstance(executor, BreadthFirst):
            document.templates[key] = ExecutorTemplate(executor)
        return executor

    def of_parts(self, operation: Operation, context: Context, *, hides_suggestions: bool) -> CreatedExecutor:
        """Returns an executor for a response whose parts may come later."""
        return self._build(operation.document.node, operation, context, hides_suggestions)

    def _build(
        self,
        node: DocumentNode,
        operation: Operation,
        context: Context,
        hides_suggestions: bool,  # noqa: FBT001
    ) -> CreatedExecutor:
        return self._kind.build(
            self.schema,
            node,
            context_value=context,
            raw_variable_values=dict(operation.variables),
            operation_name=operation.name or None,
            hide_suggestions=hides_suggestions,
        )
