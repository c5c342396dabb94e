"""The types of posts and comments."""

from datetime import datetime

import strawberry

from schema.cache_control import controlled, count_of_others, of_viewer, public
from schema.connections import Connection
from schema.live_cursors import post_cursor
from schema.row import Node, connection, loaded, node_id, related
from schema.users import User


@strawberry.type(description="A post.", directives=[public()])
class Post(Node):
    """Describes a `models.feed.PostRow`."""

    id: strawberry.ID = node_id("Post", owner="author_id")
    body: str = strawberry.field(description="The text.")
    created_at: datetime = strawberry.field(description="Time of publication.")
    edited_at: datetime | None = strawberry.field(
        description="Time of the last edit; null if the post was never edited."
    )
    like_count: int = strawberry.field(description="Number of likes.", directives=[count_of_others()])
    comment_count: int = strawberry.field(description="Number of comments.", directives=[count_of_others()])
    liked_by_viewer: bool = controlled(
        loaded(
            "liked_by_viewer",
            key=("author_id", "id"),
            inlined="liked_by_viewer",
            description="Whether the signed-in user likes the post; false without a signed-in user.",
        ),
        of_viewer(),
    )
    author: User = strawberry.field(description="The author.")
    live_cursor: str | None = post_cursor(
        "Cursor for `postEvents`: its events follow what this response contains. Null without a signed-in "
        "user, and in events of subscriptions, which have cursors of their own."
    )
    comments: Connection["Comment"] | None = connection(
        "comments_by_post",
        key=("author_id", "id"),
        of_type="Comment",
        list_name="Post.comments",
        description="The comments, oldest first.",
    )


@strawberry.type(description="A comment on a post.", directives=[public()])
class Comment(Node):
    """Describes a `models.feed.CommentRow`."""

    id: strawberry.ID = node_id("Comment", owner="owner_id")
    body: str = strawberry.field(description="The text.")
    created_at: datetime = strawberry.field(description="Time of creation.")
    author: User = strawberry.field(description="The author.")
    post: Post | None = related("post_by_id", key=("owner_id", "post_id"), description="The post of the comment.")
