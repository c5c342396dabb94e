"""Resolvers of the feed and its mutations."""

from resolvers.feed.comments import CommentMutations
from resolvers.feed.likes import LikeMutations
from resolvers.feed.posts import PostMutations
from resolvers.feed.relationships import PeopleMutations
from resolvers.feed.viewer import FeedOfViewer

__all__ = ["CommentMutations", "FeedOfViewer", "LikeMutations", "PeopleMutations", "PostMutations"]
