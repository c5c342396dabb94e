"""What operations use of a schema, and which changes concern them."""

from schema_check.operations.index import OperationIndex
from schema_check.operations.uses import Uses, uses_of

__all__ = ["OperationIndex", "Uses", "uses_of"]
