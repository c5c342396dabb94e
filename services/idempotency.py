"""Idempotency keys: a client repeats a mutation with the same key, and it has one effect."""

from hashlib import blake2b
from typing import NamedTuple

import msgspec

from adapters.database import DialectSQL, Queries
from core import text
from core.errors import ProblemCode, ProblemError, invalid_input
from core.viewer import SignedIn
from services.resources import Resources
from services.unit_of_work import UnitOfWork

MAX_KEY_LENGTH = 100
MAX_WAIT_SECONDS = 2
"""The seconds for which a request waits for the first one with its key."""

_FIELD = "input.idempotencyKey"
_INTO = "INSERT INTO idempotency_keys (owner_id, operation, key, input_hash, subject_owner_id, subject_id, created_at) "
_CLAIM = DialectSQL(
    f"{_INTO} SELECT $1::bigint, $2::text, $3::text, $4::bytea, $5::bigint, $6::bigint, $7::timestamptz "
    f"WHERE set_config('lock_timeout', '{MAX_WAIT_SECONDS}s', true) IS NOT NULL "
    "ON CONFLICT DO NOTHING RETURNING key, set_config('lock_timeout', '0', true) AS unlimited",
    f"{_INTO} VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING key",
)
"""Waits for a concurrent transaction with the same key, with a limit on PostgreSQL. SQLite's run one at a time."""

_CLAIMED = (
    "SELECT input_hash, subject_owner_id, subject_id FROM idempotency_keys "
    "WHERE owner_id = $1 AND operation = $2 AND key = $3"
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

    The key is committed with the unit of work. A user has separate keys for each mutation. Raises `ProblemError` if the
    key is malformed or was sent before with other inputs, and if a concurrent request with the same key does not end
    within `MAX_WAIT_SECONDS`.
    """
    if request.key is None:
        return created
    if text.line(request.key, max_length=MAX_KEY_LENGTH) != request.key:
        raise invalid_input(_FIELD, f"Send a key of 1 to {MAX_KEY_LENGTH} characters, like a UUID.")
    digest = _digest(request)
    transaction = await work.transaction()
    key = (viewer.user_id, request.operation, request.key)
    try:
        is_first = await transaction.fetch(_CLAIM, *key, digest, *created, resources.clock())
    except Exception as error:
        if transaction.dialect.is_lock_timeout(error):
            raise _in_progress() from error
        raise
    if is_first:
        return created
    (first,) = await transaction.fetch(_CLAIMED, *key)
    if bytes(first["input_hash"]) != digest:
        raise ProblemError(
            "IdempotencyProblem",
            ProblemCode.IDEMPOTENCY_KEY_REUSED,
            "This key was sent before with something else. Make a new one for each new request.",
            _FIELD,
        )
    return CreatedRow(first["subject_owner_id"], first["subject_id"])


async def is_claimed(viewer: SignedIn, queries: Queries, request: IdempotentRequest) -> bool:
    """Returns whether an earlier request had this key and the same inputs.

    A repeated request gets the result of the first one, also if it would be rejected now.
    """
    if request.key is None or text.line(request.key, max_length=MAX_KEY_LENGTH) != request.key:
        return False
    rows = await queries.fetch(_CLAIMED, viewer.user_id, request.operation, request.key)
    return bool(rows) and bytes(rows[0]["input_hash"]) == _digest(request)


def _digest(request: IdempotentRequest) -> bytes:
    return blake2b(msgspec.json.encode(request.inputs), digest_size=16).digest()


def _in_progress() -> ProblemError:
    return ProblemError(
        "IdempotencyProblem",
        ProblemCode.IDEMPOTENCY_IN_PROGRESS,
        "The first request with this key is still running. Send it again in a moment, with the same key.",
        _FIELD,
    )
