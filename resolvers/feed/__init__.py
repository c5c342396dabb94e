"""Resolvers of the feed and its mutations."""

from resolvers.feed.comments import CommentMutations
from resolvers.feed.likes import LikeMutations
from resolvers.feed.posts import PostMutations
from resolvers.feed.relationships import RelationshipMutations
from resolvers.feed.viewer import FeedViewerFields

__all__ = ["CommentMutations", "FeedViewerFields", "LikeMutations", "PostMutations", "RelationshipMutations"]
