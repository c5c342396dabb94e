"""What operations use of a schema, and which changes concern them."""

from schema_check.operations.index import Index
from schema_check.operations.uses import Uses, uses_of

__all__ = ["Index", "Uses", "uses_of"]
