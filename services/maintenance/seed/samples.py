"""Ids of the seeded world that are of use to one of the demo people, as far as the database still has them."""

from collections.abc import Mapping
from typing import NamedTuple

from adapters.database import Database
from core.global_ids import global_id
from services.users import find_user_id


class _Sample(NamedTuple):
    """A type, and a statement that finds one row of it for a person: `owner_id` and `id`."""

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
    "payment": _Sample(
        "Payment",
        "SELECT payment_owner_id AS owner_id, payment_id AS id FROM payment_parties WHERE owner_id = $1 "
        "ORDER BY payment_id DESC LIMIT 1",
    ),
    "somebody followed": _Sample("User", _OTHER.format(f"{_FOLLOWED} AND {_NOT_BLOCKED}")),
    "somebody else": _Sample("User", _OTHER.format(f"NOT {_FOLLOWED} AND {_NOT_BLOCKED}")),
    "somebody blocked": _Sample("User", _OTHER.format(_BLOCK.format(" AND b.outgoing"))),
}
SAMPLES = frozenset(_SAMPLES)
"""The names of all samples."""


async def demo_samples(database: Database, handle: str) -> dict[str, str]:
    """Global ids by the names of `SAMPLES`; none where nobody has the handle. `Unavailable` like any read."""
    user_id = await find_user_id(database, handle)
    if user_id is None:
        return {}
    found: dict[str, str] = {}
    for name, sample in _SAMPLES.items():
        for row in await database.fetch(sample.find, user_id):
            found[name] = global_id(sample.typename, row["owner_id"], row["id"])
    return found
