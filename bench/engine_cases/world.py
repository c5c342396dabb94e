"""Creates rows in memory like those of the product's statements, and the context that reads them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import strawberry

from core.ids import id_at
from core.keys import KeyRing
from core.paging import Cursors, Page, PageRequest
from core.viewer import SignedIn
from loaders.loader import Batch, Loaders, OwnedKey
from models.feed import CommentRow, PostRow
from models.notifications import NotificationCountsRow, NotificationRow
from models.payments import PaymentRow
from models.users import UserRow
from schema.context import Context

_START = datetime(2026, 10, 1, 9, 28, 7, 249_000, tzinfo=UTC)
_KINDS = ("FOLLOW", "LIKE", "COMMENT", "PAYMENT_RECEIVED", "REFUND")
_PEOPLE = 30
# Resources connect to other processes. These contexts need only cursors.
_RESOURCES: Any = SimpleNamespace(cursors=Cursors(KeyRing(f"bench:{'0' * 32}")), database=None)


@dataclass(frozen=True, slots=True)
class Size:
    """Holds the number of rows of each kind. `comments` counts those of one post."""

    posts: int = 20
    comments: int = 3
    notifications: int = 10
    payments: int = 5


class World:
    """Contains the rows of one home screen. Every list has one row more than the screen shows.

    `suffix` is appended to the type names in the rows, except those of users.
    """

    def __init__(self, size: Size, suffix: str = "") -> None:
        self.users = [_user(place) for place in range(_PEOPLE)]
        self.viewer = SignedIn(self.users[0]["id"], device_id=1)
        self.counts: NotificationCountsRow = {"unseen": 7, "unread": 8}
        self.posts = [_post(place, self._person(place)) for place in range(size.posts + 1)]
        self.notifications = [
            _notification(place, self.viewer, self._person(place)) for place in range(size.notifications + 1)
        ]
        self.payments = [_payment(place, self.viewer, self._person(place)) for place in range(size.payments + 1)]
        comments = size.comments
        self._users_by_id = {user["id"]: user for user in self.users}
        self._comments_by_post = {
            (post["author_id"], post["id"]): [
                _comment(place * comments + nth, post, self._person(place * comments + nth)) for nth in range(comments)
            ]
            for place, post in enumerate(self.posts)
        }
        for rows in (self.posts, self.notifications, self.payments, *self._comments_by_post.values()):
            _rename(rows, suffix)
        self.batches: Mapping[str, Batch] = {
            "blocks_by_owner": self._blocks_by_owner,
            "comments_by_post": self._comments_of_posts,
            "user_by_id": self._users_of_ids,
        }

    def _person(self, place: int) -> UserRow:
        return self.users[1 + place * 7 % (_PEOPLE - 1)]

    async def _blocks_by_owner(self, _database: Any, _viewer: Any, ids: list[int]) -> list[list[Any]]:
        return [[] for _ in ids]

    async def _users_of_ids(self, _database: Any, _viewer: Any, ids: list[int]) -> list[UserRow | None]:
        return [self._users_by_id.get(user_id) for user_id in ids]

    async def _comments_of_posts(
        self, _database: Any, _viewer: Any, keys: Sequence[tuple[OwnedKey, PageRequest]]
    ) -> list[Page[CommentRow]]:
        return [page_request.page(self._comments_by_post[key][: page_request.limit]) for key, page_request in keys]


class HomeContext(Context):
    """Is the product's context, with loaders that read rows in memory."""

    def __init__(self, world: World) -> None:
        super().__init__(_RESOURCES, world.viewer)
        self.world = world

    @cached_property
    def loaders(self) -> Loaders:
        return Loaders(self.world.batches, _no_database, self.viewer)


def _no_database(_name: str) -> Any:
    """Returns what the loaders above take as their database: they read none."""
    return None


HomeInfo = strawberry.Info[HomeContext, None]


def _rename(rows: Iterable[Any], suffix: str) -> None:
    for row in rows:
        row["__typename"] += suffix


def _at(place: int) -> datetime:
    return _START - timedelta(minutes=17 * place)


def _user(place: int) -> UserRow:
    return {
        "__typename": "User",
        "id": id_at(_at(10_000 + place)),
        "handle": f"person{place}",
        "name": f"Person Number {place}",
        "bio": None if place % 3 else f"User {place}th of them.",
        "avatar_url": f"https://img.example/{place}.webp" if place % 4 else None,
        "created_at": _at(10_000 + place),
    }


def _post(place: int, author: UserRow) -> PostRow:
    return {
        "__typename": "Post",
        "id": id_at(_at(place)),
        "author_id": author["id"],
        "body": f"Note {place} to self: the night train leaves on time.",
        "created_at": _at(place),
        "edited_at": None,
        "like_count": place * 3,
        "comment_count": place % 5,
        "liked_by_viewer": place % 2 == 0,
        "author": author,
    }


def _comment(place: int, post: PostRow, author: UserRow) -> CommentRow:
    return {
        "__typename": "Comment",
        "id": id_at(_at(place)) + place,
        "owner_id": post["author_id"],
        "post_id": post["id"],
        "author_id": author["id"],
        "body": f"That made my day, {place}.",
        "created_at": _at(place),
        "author": author,
    }


def _notification(place: int, viewer: SignedIn, actor: UserRow) -> NotificationRow:
    return {
        "__typename": "Notification",
        "owner_id": viewer.user_id,
        "id": id_at(_at(place)),
        "kind": _KINDS[place % len(_KINDS)],
        "actor_id": actor["id"],
        "actor_count": 1 + place % 3,
        "subject_type": None,
        "subject_owner_id": None,
        "subject_id": None,
        "cause": None,
        "created_at": _at(place),
        "seen_at": None,
        "read_at": _at(place) if place % 2 else None,
        "actor": actor,
    }


def _payment(place: int, viewer: SignedIn, other: UserRow) -> PaymentRow:
    return {
        "__typename": "Payment",
        "owner_id": viewer.user_id,
        "id": id_at(_at(place)),
        "party_id": viewer.user_id,
        "kind": "TRANSFER",
        "status": "SUCCEEDED",
        "direction": "IN" if place % 2 else "OUT",
        "amount": 444 + place,
        "refunded_amount": 0,
        "currency": "EUR",
        "note": None,
        "failure_code": None,
        "created_at": _at(place),
        "updated_at": _at(place),
        "action_url": None,
        "action_secret": None,
        "counterparty_id": other["id"],
        "counterparty": other,
    }
