"""Validates documents against the earlier and the later schema."""

from collections.abc import Sequence
from typing import NamedTuple

from graphql import DocumentNode, GraphQLError, GraphQLSchema, validate

from schema_check.operations.rules import RULES
from schema_check.operations.uses import Uses


class ValidationIssue(NamedTuple):
    """Holds a validation error of a document and the coordinates that its nodes refer to."""

    message: str
    coordinates: frozenset[str]


class ValidationResult(NamedTuple):
    """Holds validation errors by the numbers of documents."""

    broken: dict[int, list[ValidationIssue]]
    """Documents that only the later schema makes invalid."""
    invalid_before: dict[int, list[ValidationIssue]]
    """Documents that both schemas make invalid, so the change is not the cause."""


def validate_documents(
    documents: Sequence[DocumentNode], uses: Sequence[Uses], before: GraphQLSchema, after: GraphQLSchema
) -> ValidationResult:
    """Returns the validation errors. Validates against the earlier schema only what the later one makes invalid."""
    result = ValidationResult({}, {})
    for number, document in enumerate(documents):
        errors = validate(after, document, RULES)
        if not errors:
            continue
        earlier = validate(before, document, RULES) if before is not after else errors
        if earlier:
            earlier_keys = {_key(error) for error in earlier}
            # The change repairs errors that only the earlier schema has.
            lasting = [error for error in errors if _key(error) in earlier_keys] or errors
            result.invalid_before[number] = [_issue(error, uses[number]) for error in lasting]
        else:
            result.broken[number] = [_issue(error, uses[number]) for error in errors]
    return result


def _key(error: GraphQLError) -> str:
    """Returns the message without suggestions, which depend on the rest of the schema."""
    return error.message.split(" Did you mean ")[0]


def _issue(error: GraphQLError, uses: Uses) -> ValidationIssue:
    coordinates = (uses.coordinates.get(id(node), set()) for node in error.nodes or ())
    return ValidationIssue(" ".join(error.message.split()), frozenset[str]().union(*coordinates))
