"""Idempotency keys: a client repeats a mutation with the same key, and it has one effect."""

from hashlib import blake2b
from typing import NamedTuple

import msgspec

from core import text
from core.errors import ProblemCode, ProblemError, invalid_input
from core.viewer import SignedIn
from services.resources import Resources
from services.unit_of_work import UnitOfWork

MAX_KEY_LENGTH = 100
_FIELD = "input.idempotencyKey"
_CLAIM = (
    "INSERT INTO idempotency_keys (owner_id, key, operation, input_hash, subject_owner_id, subject_id, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING key"
)
_CLAIMED = (
    "SELECT operation, input_hash, subject_owner_id, subject_id FROM idempotency_keys WHERE owner_id = $1 AND key = $2"
)


class CreatedRow(NamedTuple):
    """The key of the row that a mutation creates: its owner's id and its id."""

    owner_id: int
    id: int


class IdempotentRequest(NamedTuple):
    """A mutation with all of its inputs and its idempotency key."""

    operation: str
    inputs: tuple[str | int, ...]
    key: str | None


async def claim(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, request: IdempotentRequest, created: CreatedRow
) -> CreatedRow:
    """Returns the row that the first request with this key created: `created` if this is the first, or without a key.

    The key is committed with the unit of work. A concurrent request with the same key waits for it. Raises
    `ProblemError` if the key is malformed or was sent before with other inputs.
    """
    if request.key is None:
        return created
    if text.line(request.key, max_length=MAX_KEY_LENGTH) != request.key:
        raise invalid_input(_FIELD, f"Send a key of 1 to {MAX_KEY_LENGTH} letters, like a UUID, or none.")
    digest = blake2b(msgspec.json.encode(request.inputs), digest_size=16).digest()
    transaction = await work.transaction()
    values = (viewer.user_id, request.key, request.operation, digest, *created, resources.clock())
    if await transaction.fetch(_CLAIM, *values):
        return created
    (first,) = await transaction.fetch(_CLAIMED, viewer.user_id, request.key)
    if (first["operation"], bytes(first["input_hash"])) != (request.operation, digest):
        raise ProblemError(
            "IdempotencyProblem",
            ProblemCode.IDEMPOTENCY_KEY_REUSED,
            "This key was sent before with something else. Make a new one for each new request.",
            _FIELD,
        )
    return CreatedRow(first["subject_owner_id"], first["subject_id"])
