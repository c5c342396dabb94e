"""Refreshes sessions."""

import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, TypedDict

from core.errors import ProblemCode, ProblemError
from core.viewer import SignedIn
from events import RefreshTokenReused
from models.users import RETURNED_DEVICE_COLUMNS
from services.resources import Resources
from services.security.refresh_tokens import PresentedToken, hash_of
from services.unit_of_work import UnitOfWork
from services.users.end_sessions import end_sessions
from services.users.sessions import SessionRow
from services.users.throttle import count_refresh
from services.users.visits import record_visit

REUSE_PERIOD = timedelta(seconds=10)
"""The time for which a request whose response was lost may be repeated."""

_FAMILY = (
    "SELECT device_id, token_hash, previous_hash, rotated_at FROM refresh_families "
    "WHERE owner_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $3 FOR UPDATE"
)
_ROTATE = (
    "UPDATE refresh_families SET token_hash = $3, previous_hash = token_hash, rotated_at = $4, expires_at = $5 "
    "WHERE owner_id = $1 AND id = $2"
)
_SEEN = (
    "UPDATE devices SET last_seen_at = $3 WHERE owner_id = $1 AND id = $2 "  # noqa: S608 - built from constants
    f"RETURNING {RETURNED_DEVICE_COLUMNS}, devices.locale, true AS current"
)

RefreshSessionSuccessRow = TypedDict(
    "RefreshSessionSuccessRow", {"__typename": Literal["RefreshSessionSuccess"], "session": SessionRow}
)


async def refresh_session(work: UnitOfWork, resources: Resources, text: str, address: str = "") -> Mapping[str, Any]:
    """Returns new tokens for a device. Raises `ProblemError` if the token is invalid or its session has ended.

    Each token is valid once. A client that repeats the request within ten seconds gets the same tokens again, because
    the response may have been lost. A token that comes later was stolen, or its successor was: the session ends.
    """
    await count_refresh(resources, address)
    presented = resources.refresh_tokens.read(text)
    if presented is None:
        raise _ended()
    transaction, now = await work.transaction(), resources.clock()
    rows = await transaction.fetch(_FAMILY, presented.owner_id, presented.family_id, now)
    if not rows:
        raise _ended()
    (family,) = rows
    successor = _successor(resources, presented, family)
    if successor is None:
        work.emit(RefreshTokenReused(actor_id=presented.owner_id, device_id=family["device_id"]))
        await end_sessions(work, resources, presented.owner_id, [family["device_id"]])
        return _ended().row
    if _same(family["token_hash"], presented.hash):
        expires_at = now + timedelta(days=resources.settings.refresh_token_days)
        await transaction.fetch(_ROTATE, *presented[:2], hash_of(successor), now, expires_at)
    return await _session(work, resources, presented.owner_id, family["device_id"], successor)


def _successor(resources: Resources, presented: PresentedToken, family: dict[str, Any]) -> str | None:
    """Returns the successor of a token, or None if it was exchanged too long ago."""
    successors = resources.refresh_tokens.successors(presented)
    if _same(family["token_hash"], presented.hash):
        return successors[0]
    if not _same(family["previous_hash"], presented.hash) or resources.clock() - family["rotated_at"] > REUSE_PERIOD:
        return None
    return next((text for text in successors if _same(family["token_hash"], hash_of(text))), None)


async def _session(
    work: UnitOfWork, resources: Resources, owner_id: int, device_id: int, refresh_token: str
) -> RefreshSessionSuccessRow:
    rows = await (await work.transaction()).fetch(_SEEN, owner_id, device_id, resources.clock())
    if not rows:
        raise _ended()
    await record_visit(work, resources, owner_id)
    access_token, expires_at = resources.access_tokens.issue(SignedIn(owner_id, device_id), rows[0]["locale"])
    return {
        "__typename": "RefreshSessionSuccess",
        "session": {
            "access_token": access_token,
            "refresh_token": refresh_token,
            "expires_at": expires_at,
            "device": rows[0],
        },
    }


def _same(stored: bytes | None, presented: bytes) -> bool:
    return stored is not None and hmac.compare_digest(bytes(stored), presented)


def _ended() -> ProblemError:
    """Returns one problem for all reasons."""
    return ProblemError(
        "SessionExpiredProblem",
        ProblemCode.SESSION_EXPIRED,
        "The session has ended. Sign in again.",
        "input.refreshToken",
    )
