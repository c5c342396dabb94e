"""Defines the home screen with the product's types: users joined into the rows, and users as declared edges."""

import strawberry

from bench.engine_cases import roots
from schema import feed as with_posts
from schema import notifications as with_notifications
from schema import payments as with_payments
from schema.connections import Connection
from schema.row import connection, related
from schema.users import User

SUFFIX = "WithEdges"
"""The suffix of the types with edges, and of their rows. `User` adds the product's own `Post` to the same schema."""


@strawberry.type
class JoinedViewer(roots.OwnNumbers):
    """Is the viewer as in the product: a row contains its user."""

    user: User = strawberry.field(resolver=roots.own_user)
    feed: Connection[with_posts.Post] | None = strawberry.field(resolver=roots.feed)
    notifications: Connection[with_notifications.Notification] | None = strawberry.field(resolver=roots.inbox)
    payments: Connection[with_payments.Payment] | None = strawberry.field(resolver=roots.payments)


@strawberry.type
class CommentWithEdges(with_posts.Comment):
    """Is a comment whose author is a `related` field."""

    author: User = related("user_by_id", key=("author_id",), description="Who wrote it.")


@strawberry.type
class PostWithEdges(with_posts.Post):
    """Is a post whose author is a `related` field."""

    author: User = related("user_by_id", key=("author_id",), description="Who wrote it.")
    comments: Connection[CommentWithEdges] | None = connection(  # pyright: ignore[reportIncompatibleVariableOverride] - comments with edges
        "comments_by_post",
        key=("author_id", "id"),
        of_type="CommentWithEdges",
        list_name="Post.comments",
        description="Comments, oldest first.",
    )


@strawberry.type
class NotificationWithEdges(with_notifications.Notification):
    """Is a notification whose actor is a `related` field."""

    actor: User | None = related("user_by_id", key=("actor_id",), description="Who did it.")


@strawberry.type
class PaymentWithEdges(with_payments.Payment):
    """Is a payment whose counterparty is a `related` field."""

    counterparty: User | None = related("user_by_id", key=("counterparty_id",), description="The other person.")


@strawberry.type
class EdgesViewer(roots.OwnNumbers):
    """Is the viewer with every user as a `related` field."""

    user: User = strawberry.field(resolver=roots.own_user)
    feed: Connection[PostWithEdges] | None = strawberry.field(resolver=roots.feed)
    notifications: Connection[NotificationWithEdges] | None = strawberry.field(resolver=roots.inbox)
    payments: Connection[PaymentWithEdges] | None = strawberry.field(resolver=roots.payments)
