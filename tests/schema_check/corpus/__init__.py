"""Contains schema changes with their expected verdicts, one module per kind of element."""

from tests.schema_check.corpus import (
    arguments,
    cache_scopes,
    combined,
    costs,
    deprecations,
    directives,
    enums,
    fields,
    inputs,
    interfaces,
    nullability,
    roots,
    scalars,
    types,
    unions,
)
from tests.schema_check.corpus.case import Case

CASES = [
    *fields.CASES,
    *arguments.CASES,
    *inputs.CASES,
    *enums.CASES,
    *unions.CASES,
    *interfaces.CASES,
    *types.CASES,
    *scalars.CASES,
    *deprecations.CASES,
    *directives.CASES,
    *nullability.CASES,
    *costs.CASES,
    *cache_scopes.CASES,
    *roots.CASES,
    *combined.CASES,
]

__all__ = ["CASES", "Case"]
