"""Which documents a change makes invalid, and which of its parts is to find_causes."""

from collections.abc import Sequence
from typing import NamedTuple

from graphql import DocumentNode, GraphQLError, GraphQLSchema, validate

from schema_check.operations.rules import RULES
from schema_check.operations.uses import Uses


class ValidationIssue(NamedTuple):
    """Why a document is not valid any more, and what the place is about."""

    message: str
    coordinates: frozenset[str]


class ValidationResult(NamedTuple):
    """By the numbers of documents."""

    broken: dict[int, list[ValidationIssue]]
    invalid_before: dict[int, list[ValidationIssue]]
    """Against both schemas, so that the change is not the reason."""


def validate_documents(
    documents: Sequence[DocumentNode], uses: Sequence[Uses], before: GraphQLSchema, after: GraphQLSchema
) -> ValidationResult:
    """Every document is held against the later schema, and against the earlier one only when it fails."""
    made = ValidationResult({}, {})
    for number, document in enumerate(documents):
        errors = validate(after, document, RULES)
        if not errors:
            continue
        earlier = validate(before, document, RULES) if before is not after else errors
        if earlier:
            known = {_key(error) for error in earlier}
            # What only the earlier schema lacks, the change repairs.
            lasting = [error for error in errors if _key(error) in known] or errors
            made.invalid_before[number] = [_issue(error, uses[number]) for error in lasting]
        else:
            made.broken[number] = [_issue(error, uses[number]) for error in errors]
    return made


def _key(error: GraphQLError) -> str:
    """The message without suggestions, which depend on the rest of the schema."""
    return error.message.split(" Did you mean ")[0]


def _issue(error: GraphQLError, uses: Uses) -> ValidationIssue:
    places = (uses.places.get(id(node), set()) for node in error.nodes or ())
    return ValidationIssue(" ".join(error.message.split()), frozenset[str]().union(*places))
