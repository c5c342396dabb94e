"""Templates of executors: what executions of one operation have in common is created once."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

from engine.executor import STATE, BreadthFirst
from engine.variables import VariableReader

_OF_EXECUTION = frozenset({"context_value", "variable_values", *STATE})
"""The attributes of an executor that differ between executions."""


class ExecutorTemplate:
    """Creates executors of one operation.

    graphql-core's `build` takes longer than the execution of a small operation: it checks the schema, finds the
    operation, reads the types of its variables, and creates state that only its own algorithm needs.
    """

    __slots__ = ("_class", "_common", "_variables")

    def __init__(self, executor: BreadthFirst) -> None:
        self._class = type(executor)
        self._common = {name: value for name, value in vars(executor).items() if name not in _OF_EXECUTION}
        definitions = tuple(executor.operation.variable_definitions or ())
        hide_suggestions = executor.hide_suggestions
        self._variables = VariableReader(executor.schema, definitions, hide_suggestions=hide_suggestions)

    def executor(self, context: Any, variables: Mapping[str, Any]) -> BreadthFirst | list[GraphQLError]:
        """Returns an executor with a context and the values of variables, or the errors of these values."""
        values = self._variables.read(variables)
        if isinstance(values, list):
            return values
        executor = self._class.__new__(self._class)
        attributes = vars(executor)
        attributes.update(self._common)
        attributes["context_value"], attributes["variable_values"] = context, values
        return executor
