"""Posts and comments."""

from datetime import datetime

import strawberry

from schema.connections import Connection
from schema.row import Node, connection, derived, edge, loaded, node_id
from schema.users import User


@strawberry.type(description="A post in somebody's feed.")
class Post(Node):
    """Rows: `models.feed.PostRow`."""

    id: strawberry.ID = node_id("Post", owner="author_id")
    body: str = strawberry.field(description="The text.")
    created_at: datetime = strawberry.field(description="When it was published.")
    edited_at: datetime | None = strawberry.field(description="When it was last edited; null if never.")
    like_count: int = strawberry.field(description="How many people like it.")
    comment_count: int = strawberry.field(description="How many comments it has.")
    liked_by_viewer: bool = loaded(
        "liked_by_viewer",
        key=("author_id", "id"),
        inlined="liked_by_viewer",
        description="Whether the signed-in person likes it; false when nobody is signed in.",
    )
    author: User = strawberry.field(description="Who wrote it.")
    live_cursor: str | None = derived(
        lambda _post: None,
        description="Where `postEvents` goes on from this answer. Always null: this server has no live updates yet.",
    )
    comments: Connection["Comment"] | None = connection(
        "comments_by_post", key=("author_id", "id"), list_name="Post.comments", description="Comments, oldest first."
    )


@strawberry.type(description="A comment under a post.")
class Comment(Node):
    """Rows: `models.feed.CommentRow`."""

    id: strawberry.ID = node_id("Comment", owner="owner_id")
    body: str = strawberry.field(description="The text.")
    created_at: datetime = strawberry.field(description="When it was written.")
    author: User = strawberry.field(description="Who wrote it.")
    post: Post | None = edge("post_by_id", key=("owner_id", "post_id"), description="The post it stands under.")
