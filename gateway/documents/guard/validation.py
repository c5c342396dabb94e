"""graphql-core's validation, with an end to how much it says."""

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
_MAX_HINTS = 3
_MAX_HINTED = 2000
"""To say what may have been meant a name is compared with all that there are. People write short documents, and few
mistakes."""

_RULES, _TRUSTED_RULES = (
    tuple(ours if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)
    for ours in (OverlappingFieldsRule, TrustedOverlappingFieldsRule)
)


def validate_sent(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """What is wrong with a document that anybody may have sent."""
    errors = validate(schema, document, _RULES, max_errors=MAX_ERRORS, hide_suggestions=True)
    short = document.loc is not None and document.loc.end <= _MAX_HINTED
    return validate(schema, document, _RULES) if short and 0 < len(errors) <= _MAX_HINTS else errors


def validate_trusted(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """What is wrong with one that somebody has registered, or is about to."""
    return validate(schema, document, _TRUSTED_RULES)
