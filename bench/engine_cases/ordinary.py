"""Defines the home screen with ordinary Strawberry resolvers and without declarations of the engine."""

from datetime import datetime
from typing import Any, Generic, TypeVar

import strawberry
from strawberry import Parent

from bench.engine_cases import roots
from bench.engine_cases.world import HomeInfo
from core.global_ids import global_id
from core.paging import DEFAULT_FIRST
from schema.notifications import NotificationCounts, NotificationKind
from schema.payments import Money, PaymentDirection, PaymentStatus
from schema.row import After, First
from services.notifications.texts import text_of  # the text is not measured

NodeT = TypeVar("NodeT")


@strawberry.type
class Place(Generic[NodeT]):
    """Is an edge of a connection."""

    @strawberry.field
    @staticmethod
    def cursor(root: Parent[Any]) -> str:
        return root["page"]["cursor"](root["row"])

    @strawberry.field(graphql_type=NodeT | None)
    @staticmethod
    def node(root: Parent[Any]) -> Any:
        return root["row"]


@strawberry.type
class PageEnds:
    """Is the page info of a connection."""

    @strawberry.field
    @staticmethod
    def has_next_page(root: Parent[Any]) -> bool:
        return root["has_next"]

    @strawberry.field
    @staticmethod
    def end_cursor(root: Parent[Any]) -> str | None:
        return root["cursor"](root["rows"][-1]) if root["rows"] else None


@strawberry.type
class Places(Generic[NodeT]):
    """Is a connection."""

    @strawberry.field(graphql_type=list[Place[NodeT]])
    @staticmethod
    def edges(root: Parent[Any]) -> list[Any]:
        return [{"page": root, "row": row} for row in root["rows"]]

    @strawberry.field(graphql_type=PageEnds)
    @staticmethod
    def page_info(root: Parent[Any]) -> Any:
        return root


@strawberry.type
class Person:
    """Is a user."""

    handle: str
    name: str
    avatar_url: str | None

    @strawberry.field
    @staticmethod
    def id(root: Parent[Any]) -> strawberry.ID:
        return strawberry.ID(global_id("User", root["id"], root["id"]))


@strawberry.type
class Comment:
    """Is a comment."""

    body: str

    @strawberry.field
    @staticmethod
    def id(root: Parent[Any]) -> strawberry.ID:
        return strawberry.ID(global_id("Comment", root["owner_id"], root["id"]))

    @strawberry.field(graphql_type=Person)
    @staticmethod
    async def author(root: Parent[Any], info: HomeInfo) -> Any:
        return await info.context.loaders.load("user_by_id", root["author_id"])


@strawberry.type
class Post:
    """Is a post."""

    body: str
    created_at: datetime
    like_count: int
    comment_count: int
    liked_by_viewer: bool

    @strawberry.field
    @staticmethod
    def id(root: Parent[Any]) -> strawberry.ID:
        return strawberry.ID(global_id("Post", root["author_id"], root["id"]))

    @strawberry.field(graphql_type=Person)
    @staticmethod
    async def author(root: Parent[Any], info: HomeInfo) -> Any:
        return await info.context.loaders.load("user_by_id", root["author_id"])

    @strawberry.field(graphql_type=Places[Comment] | None)
    @staticmethod
    async def comments(root: Parent[Any], info: HomeInfo, first: First = DEFAULT_FIRST, after: After = None) -> Any:
        page_request = info.context.page(f"Post.comments:{root['id']}", first, after)
        return await info.context.loaders.load("comments_by_post", ((root["author_id"], root["id"]), page_request))


@strawberry.type
class Notification:
    """Is a notification."""

    kind: NotificationKind
    created_at: datetime
    read_at: datetime | None

    @strawberry.field
    @staticmethod
    def id(root: Parent[Any]) -> strawberry.ID:
        return strawberry.ID(global_id("Notification", root["owner_id"], root["id"]))

    @strawberry.field
    @staticmethod
    def text(root: Parent[Any]) -> str:
        return text_of(root, "en")

    @strawberry.field(graphql_type=Person | None)
    @staticmethod
    async def actor(root: Parent[Any], info: HomeInfo) -> Any:
        return await info.context.loaders.load("user_by_id", root["actor_id"])


@strawberry.type
class Payment:
    """Is a payment."""

    status: PaymentStatus
    direction: PaymentDirection
    created_at: datetime

    @strawberry.field
    @staticmethod
    def id(root: Parent[Any]) -> strawberry.ID:
        return strawberry.ID(global_id("Payment", root["owner_id"], root["id"]))

    @strawberry.field(graphql_type=Money)
    @staticmethod
    def amount(root: Parent[Any]) -> Any:
        return {"minor_units": root["amount"], "currency": root["currency"]}

    @strawberry.field(graphql_type=Person | None)
    @staticmethod
    async def counterparty(root: Parent[Any], info: HomeInfo) -> Any:
        return await info.context.loaders.load("user_by_id", root["counterparty_id"])


@strawberry.type
class OrdinaryViewer:
    """Is the viewer."""

    user: Person = strawberry.field(resolver=roots.own_user)
    notification_counts: NotificationCounts | None = strawberry.field(resolver=roots.own_counts)
    feed: Places[Post] | None = strawberry.field(resolver=roots.feed)
    notifications: Places[Notification] | None = strawberry.field(resolver=roots.inbox)
    payments: Places[Payment] | None = strawberry.field(resolver=roots.payments)

    @strawberry.field
    @staticmethod
    def id(root: Parent[Any]) -> strawberry.ID:
        return strawberry.ID(global_id("Viewer", root["user_id"], root["user_id"]))

    @strawberry.field
    def live_cursor(self) -> str | None:
        return None
