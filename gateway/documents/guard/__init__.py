"""What keeps a short request from taking long before anything runs.

A few hundred bytes can be billions of fields when fragments bring fragments: `limits` counts them. Fields that repeat
take graphql-core time by the square: `overlaps` looks at them once. `values` counts what variables have. Decision 18
has the numbers.
"""

from gateway.documents.guard.limits import DocumentLimits, check_size, check_text
from gateway.documents.guard.validation import validate_sent, validate_trusted
from gateway.documents.guard.values import check_values

__all__ = ["DocumentLimits", "check_size", "check_text", "check_values", "validate_sent", "validate_trusted"]
