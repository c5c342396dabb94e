"""Validates documents with graphql-core, with a limited number of errors and suggestions."""

import re
from typing import NamedTuple

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    specified_rules,
    validate,
)

from gateway.documents.guard.overlapping_fields import OverlappingFieldsRule, TrustedOverlappingFieldsRule

MAX_ERRORS = 10
_MAX_ERRORS_WITH_SUGGESTIONS = 3
_MAX_LENGTH_WITH_SUGGESTIONS = 2000
"""graphql-core compares a misspelled name with all names. Suggestions are limited to short documents with few errors,
which people write."""

_SELECTION = re.compile(r" Did you mean '\w+ \{ \.\.\. \}'\?\Z")

_RULES, _TRUSTED_RULES = (
    tuple(replacement if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)
    for replacement in (OverlappingFieldsRule, TrustedOverlappingFieldsRule)
)


class ValidationErrors(NamedTuple):
    """The errors of a document, with suggestions of other names, and without."""

    suggesting: list[GraphQLError]
    plain: list[GraphQLError]


def validate_document(schema: GraphQLSchema, document: DocumentNode, *, is_trusted: bool) -> ValidationErrors | None:
    """Returns the errors of a document, or None if it is valid. A trusted one is registered, or is about to be."""
    rules = _TRUSTED_RULES if is_trusted else _RULES
    errors = validate(schema, document, rules, max_errors=MAX_ERRORS, hide_suggestions=True)
    if not errors:
        return None
    is_short = document.loc is not None and document.loc.end <= _MAX_LENGTH_WITH_SUGGESTIONS
    suggests = is_short and len(errors) <= _MAX_ERRORS_WITH_SUGGESTIONS
    return ValidationErrors(validate(schema, document, rules) if suggests else errors, _without_selections(errors))


def _without_selections(errors: list[GraphQLError]) -> list[GraphQLError]:
    """Removes the suggestion to select fields, which graphql-core does not hide."""
    return [
        GraphQLError(_SELECTION.sub("", error.message), error.nodes) if _SELECTION.search(error.message) else error
        for error in errors
    ]
