"""Limits the CPU time that a short request takes before execution.

Nested fragments can expand a few hundred bytes to billions of fields: `limits` counts them. graphql-core compares
repeated fields in quadratic time: `overlapping_fields` compares them in linear time. `values` counts the values of
variables. Decision 18 has the numbers.
"""

from gateway.documents.guard.limits import DocumentLimits, check_size, check_text
from gateway.documents.guard.validation import ValidationErrors, validate_document
from gateway.documents.guard.values import check_values

__all__ = [
    "DocumentLimits",
    "ValidationErrors",
    "check_size",
    "check_text",
    "check_values",
    "validate_document",
]
