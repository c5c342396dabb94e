"""The home feed, posts, comments and likes, and follows and blocks between users."""

from services.feed.comments import AddComment, add_comment, delete_comment
from services.feed.home import home_feed
from services.feed.likes import like_post, unlike_post
from services.feed.posts import PublishPost, delete_post, edit_post, publish_post
from services.feed.relationships import block_user, follow_user, unblock_user, unfollow_user

__all__ = [
    "AddComment",
    "PublishPost",
    "add_comment",
    "block_user",
    "delete_comment",
    "delete_post",
    "edit_post",
    "follow_user",
    "home_feed",
    "like_post",
    "publish_post",
    "unblock_user",
    "unfollow_user",
    "unlike_post",
]
