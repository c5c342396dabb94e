"""Validates documents with graphql-core, with a limited number of errors and suggestions."""

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

_RULES, _TRUSTED_RULES = (
    tuple(replacement if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)
    for replacement in (OverlappingFieldsRule, TrustedOverlappingFieldsRule)
)


def validate_sent(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """Returns the errors of an unregistered document."""
    errors = validate(schema, document, _RULES, max_errors=MAX_ERRORS, hide_suggestions=True)
    is_short = document.loc is not None and document.loc.end <= _MAX_LENGTH_WITH_SUGGESTIONS
    return (
        validate(schema, document, _RULES) if is_short and 0 < len(errors) <= _MAX_ERRORS_WITH_SUGGESTIONS else errors
    )


def validate_trusted(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """Returns the errors of a document that is registered, or is about to be."""
    return validate(schema, document, _TRUSTED_RULES)
