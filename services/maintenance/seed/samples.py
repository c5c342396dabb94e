"""Finds ids of the demo data that are useful to a demo user, if the database still has them."""

from collections.abc import Mapping
from typing import NamedTuple

from adapters.database import Database
from core.global_ids import global_id
from services.users import find_user_id


class _Sample(NamedTuple):
    """A type, and a statement that finds one row of it for a user: `owner_id` and `id`."""

    typename: str
    find: str


_OTHER = "SELECT u.id AS owner_id, u.id FROM users u WHERE u.id <> $1 AND {} ORDER BY u.id LIMIT 1"
_FOLLOWED = "EXISTS (SELECT 1 FROM follows f WHERE f.owner_id = $1 AND f.followee_id = u.id)"
_BLOCK = "EXISTS (SELECT 1 FROM blocks b WHERE b.owner_id = $1 AND b.other_id = u.id{})"
_NOT_BLOCKED = f"NOT {_BLOCK.format('')}"

_SAMPLES: Mapping[str, _Sample] = {
    "own post": _Sample(
        "Post",
        "SELECT p.author_id AS owner_id, p.id FROM posts p WHERE p.author_id = $1 AND p.deleted_at IS NULL "
        "ORDER BY p.id DESC LIMIT 1",
    ),
    "post in the feed": _Sample(
        "Post",
        "SELECT p.author_id AS owner_id, p.id FROM feed_entries e JOIN posts p ON p.author_id = e.author_id "
        "AND p.id = e.post_id AND p.deleted_at IS NULL WHERE e.owner_id = $1 AND e.author_id <> $1 "
        "ORDER BY e.post_id DESC LIMIT 1",
    ),
    "own comment": _Sample(
        "Comment",
        "SELECT c.owner_id, c.id FROM comments c WHERE c.author_id = $1 AND c.deleted_at IS NULL "
        "ORDER BY c.id DESC LIMIT 1",
    ),
    "own device": _Sample("Device", "SELECT owner_id, id FROM devices WHERE owner_id = $1 ORDER BY id LIMIT 1"),
    "newest notification": _Sample(
        "Notification",
        "SELECT owner_id, id FROM notifications WHERE owner_id = $1 AND archived_at IS NULL ORDER BY id DESC LIMIT 1",
    ),
    "payment": _Sample(
        "Payment",
        "SELECT payment_owner_id AS owner_id, payment_id AS id FROM payment_parties WHERE owner_id = $1 "
        "ORDER BY payment_id DESC LIMIT 1",
    ),
    "received payment": _Sample(
        "Payment",
        "SELECT p.owner_id, p.id FROM payment_parties pp JOIN payments p ON p.owner_id = pp.payment_owner_id "
        "AND p.id = pp.payment_id WHERE pp.owner_id = $1 AND pp.direction = 'IN' AND p.kind = 'TRANSFER' "
        "AND p.status = 'SUCCEEDED' ORDER BY pp.payment_id DESC LIMIT 1",
    ),
    "card": _Sample(
        "PaymentMethod",
        "SELECT owner_id, id FROM payment_methods WHERE owner_id = $1 AND removed_at IS NULL ORDER BY id LIMIT 1",
    ),
    "followed user": _Sample("User", _OTHER.format(f"{_FOLLOWED} AND {_NOT_BLOCKED}")),
    "other user": _Sample("User", _OTHER.format(f"NOT {_FOLLOWED} AND {_NOT_BLOCKED}")),
    "blocked user": _Sample("User", _OTHER.format(_BLOCK.format(" AND b.outgoing"))),
}
SAMPLES = frozenset(_SAMPLES)
"""The names of all samples."""


async def demo_samples(database: Database, handle: str) -> dict[str, str]:
    """Returns global ids by the names of `SAMPLES`; none if no user has the handle. Raises `Unavailable`."""
    user_id = await find_user_id(database, handle)
    if user_id is None:
        return {}
    ids: dict[str, str] = {}
    for name, sample in _SAMPLES.items():
        for row in await database.fetch(sample.find, user_id):
            ids[name] = global_id(sample.typename, row["owner_id"], row["id"])
    return ids
