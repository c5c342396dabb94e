"""Finds the schema elements that operations use, and the operations that a change affects."""

from schema_check.operations.index import OperationIndex
from schema_check.operations.uses import Uses, uses_of

__all__ = ["OperationIndex", "Uses", "uses_of"]
