"""The home screen on the product's types: people joined into the rows, and people as declared edges."""

import strawberry

from bench.engine_cases import roots
from schema import feed as with_posts
from schema import notifications as with_notifications
from schema import payments as with_payments
from schema.connections import Connection
from schema.row import connection, edge
from schema.users import User

SUFFIX = "WithEdges"
"""Of the types that have edges and of their rows: `User` brings the product's own posts into the same schema."""


@strawberry.type
class JoinedViewer(roots.OwnNumbers):
    """As the product has it: a row carries its person."""

    user: User = strawberry.field(resolver=roots.own_user)
    feed: Connection[with_posts.Post] | None = strawberry.field(resolver=roots.feed)
    notifications: Connection[with_notifications.Notification] | None = strawberry.field(resolver=roots.inbox)
    payments: Connection[with_payments.Payment] | None = strawberry.field(resolver=roots.payments)


@strawberry.type
class CommentWithEdges(with_posts.Comment):
    """A comment whose author is an edge."""

    author: User = edge("user_by_id", key=("author_id",), description="Who wrote it.")


@strawberry.type
class PostWithEdges(with_posts.Post):
    """A post whose author is an edge."""

    author: User = edge("user_by_id", key=("author_id",), description="Who wrote it.")
    comments: Connection[CommentWithEdges] | None = connection(  # pyright: ignore[reportIncompatibleVariableOverride] - comments with edges
        "comments_by_post", key=("author_id", "id"), list_name="Post.comments", description="Comments, oldest first."
    )


@strawberry.type
class NotificationWithEdges(with_notifications.Notification):
    """A notification whose actor is an edge."""

    actor: User | None = edge("user_by_id", key=("actor_id",), description="Who did it.")


@strawberry.type
class PaymentWithEdges(with_payments.Payment):
    """A payment whose counterparty is an edge."""

    counterparty: User | None = edge("user_by_id", key=("counterparty_id",), description="The other person.")


@strawberry.type
class EdgesViewer(roots.OwnNumbers):
    """The same with every person behind an edge."""

    user: User = strawberry.field(resolver=roots.own_user)
    feed: Connection[PostWithEdges] | None = strawberry.field(resolver=roots.feed)
    notifications: Connection[NotificationWithEdges] | None = strawberry.field(resolver=roots.inbox)
    payments: Connection[PaymentWithEdges] | None = strawberry.field(resolver=roots.payments)
