"""Requests that an app may send again when it got no answer."""

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
    """What a request makes: its owner and its id."""

    owner_id: int
    id: int


class IdempotentRequest(NamedTuple):
    """A mutation, everything that was sent to it, and the key that it may be repeated by."""

    operation: str
    inputs: tuple[str | int, ...]
    key: str | None


async def claim(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, request: IdempotentRequest, made: CreatedRow
) -> CreatedRow:
    """What the first request with this key has made: `made` if this is it, as without a key.

    The key is kept with what the unit of work does. One that is under way elsewhere is waited for. `ProblemError` when
    the key is malformed, or was sent before with another request.
    """
    if request.key is None:
        return made
    if text.line(request.key, max_length=MAX_KEY_LENGTH) != request.key:
        raise invalid_input(_FIELD, f"Send a key of 1 to {MAX_KEY_LENGTH} letters, like a UUID, or none.")
    digest = blake2b(msgspec.json.encode(request.inputs), digest_size=16).digest()
    transaction = await work.writing()
    claimed = (viewer.user_id, request.key, request.operation, digest, *made, resources.clock())
    if await transaction.fetch(_CLAIM, *claimed):
        return made
    (found,) = await transaction.fetch(_CLAIMED, viewer.user_id, request.key)
    if (found["operation"], bytes(found["input_hash"])) != (request.operation, digest):
        raise ProblemError(
            "IdempotencyProblem",
            ProblemCode.IDEMPOTENCY_KEY_REUSED,
            "This key was sent before with something else. Make a new one for each new request.",
            _FIELD,
        )
    return CreatedRow(found["subject_owner_id"], found["subject_id"])
