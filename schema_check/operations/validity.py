"""Which documents a change makes invalid, and which of its parts is to blame."""

from collections.abc import Sequence
from typing import NamedTuple

from graphql import DocumentNode, GraphQLError, GraphQLSchema, validate

from schema_check.operations.rules import RULES
from schema_check.operations.uses import Uses


class Fault(NamedTuple):
    """Why a document is not valid any more, and what the place is about."""

    message: str
    coordinates: frozenset[str]


class Validity(NamedTuple):
    """By the numbers of documents."""

    broken: dict[int, list[Fault]]
    invalid_before: dict[int, list[Fault]]
    """Against both schemas, so that the change is not the reason."""


def validity_of(
    documents: Sequence[DocumentNode], uses: Sequence[Uses], before: GraphQLSchema, after: GraphQLSchema
) -> Validity:
    """Every document is held against the later schema, and against the earlier one only when it fails."""
    made = Validity({}, {})
    for number, document in enumerate(documents):
        errors = validate(after, document, RULES)
        if not errors:
            continue
        earlier = validate(before, document, RULES) if before is not after else errors
        if earlier:
            known = {_key(error) for error in earlier}
            # What only the earlier schema lacks, the change repairs.
            lasting = [error for error in errors if _key(error) in known] or errors
            made.invalid_before[number] = [_fault(error, uses[number]) for error in lasting]
        else:
            made.broken[number] = [_fault(error, uses[number]) for error in errors]
    return made


def _key(error: GraphQLError) -> str:
    """The message without suggestions, which depend on the rest of the schema."""
    return error.message.split(" Did you mean ")[0]


def _fault(error: GraphQLError, uses: Uses) -> Fault:
    places = (uses.places.get(id(node), set()) for node in error.nodes or ())
    return Fault(" ".join(error.message.split()), frozenset[str]().union(*places))
