"""What operations use of a schema, and which changes concern them."""

from gate.operations.index import Index
from gate.operations.uses import Uses, uses_of

__all__ = ["Index", "Uses", "uses_of"]
