"""Several mutations of one request: each is a unit of work, and they run one after the other."""

from core.global_ids import global_id
from events import (
    CommentAdded,
    FollowEnded,
    PostLiked,
    PostUnliked,
    UserBlocked,
    UserFollowed,
    UserUnblocked,
    UserUnfollowed,
)
from tests.support.client import Client
from tests.support.feed import Thing, feed_of, person, post_of, thread
from tests.support.kept import events_of

LIKES = """
mutation ($post: ID!) {
  a: likePost(input: {postId: $post}) { ...L }
  b: unlikePost(input: {postId: $post}) { ...U }
  c: likePost(input: {postId: $post}) { ...L }
}
fragment L on LikePostSuccess { post { likeCount likedByViewer author { ...P } } }
fragment U on UnlikePostSuccess { post { likeCount likedByViewer author { ...P } } }
fragment P on User { followerCount followedByViewer blockedByViewer }
"""

PEOPLE = """
mutation ($user: ID!) {
  a: unfollowUser(input: {userId: $user}) { ... on UnfollowUserSuccess { user { ...P } } }
  b: followUser(input: {userId: $user}) { ... on FollowUserSuccess { user { ...P } } }
  c: blockUser(input: {userId: $user}) { ... on BlockUserSuccess { user { ...P } } }
  d: followUser(input: {userId: $user}) { ... on Problem { code field } }
  e: unblockUser(input: {userId: $user}) { ... on UnblockUserSuccess { user { ...P } } }
}
fragment P on User {
  followerCount followedByViewer blockedByViewer bio posts(first: 1) { edges { node { author { handle } } } }
}
"""

MIXED = """
mutation ($post: ID!, $never: ID!) {
  a: likePost(input: {postId: $post}) { __typename }
  b: likePost(input: {postId: $never}) { __typename }
  c: addComment(input: {postId: $post, body: " "}) { __typename }
  d: likePost(input: {postId: "junk"}) { __typename }
  e: addComment(input: {postId: $post, body: "Kept"}) {
    ... on AddCommentSuccess { comment { post { commentCount likeCount likedByViewer } } }
  }
}
"""


def told(made: type[PostLiked | PostUnliked], actor: Thing, post: Thing) -> PostLiked | PostUnliked:
    return made(actor_id=actor.row_id, author_id=post.owner_id, post_id=post.row_id)


async def test_each_mutation_is_answered_with_what_those_before_it_did(client: Client) -> None:
    post, ben = await post_of(client, "ana", unliked_by="ben"), await person(client, "ben")
    count = (await thread(client, post, None))["likeCount"]
    answer = await client.data(LIKES, {"post": post.id}, as_="ben")
    found = [(answer[name]["post"]["likeCount"], answer[name]["post"]["likedByViewer"]) for name in "abc"]
    assert found == [(count + 1, True), (count, False), (count + 1, True)]
    assert await events_of(client.resources) == [told(made, ben, post) for made in (PostLiked, PostUnliked, PostLiked)]


async def test_what_was_read_for_one_answer_is_read_anew_for_the_next(client: Client) -> None:
    ana, ben = await person(client, "ana"), await person(client, "ben")
    await client.resources.database.fetch("UPDATE users SET bio = 'Hello' WHERE handle = 'ben'")
    count = (await client.data('{ user(handle: "ben") { followerCount } }'))["user"]["followerCount"]
    answer = await client.data(PEOPLE, {"user": ben.id}, as_="ana")
    shown = {"followedByViewer": False, "blockedByViewer": False, "bio": "Hello"}
    posts = {"edges": [{"node": {"author": {"handle": "ben"}}}]}
    assert answer == {
        "a": {"user": {**shown, "followerCount": count - 1, "posts": posts}},
        "b": {"user": {**shown, "followerCount": count, "followedByViewer": True, "posts": posts}},
        "c": {"user": {**shown, "followerCount": 0, "blockedByViewer": True, "bio": None, "posts": {"edges": []}}},
        "d": {"code": "FORBIDDEN", "field": "input.userId"},
        "e": {"user": {**shown, "followerCount": count - 1, "posts": posts}},
    }
    actor, other = ana.row_id, ben.row_id
    assert await events_of(client.resources) == [
        UserUnfollowed(actor_id=actor, followee_id=other),
        UserFollowed(actor_id=actor, followee_id=other),
        UserBlocked(actor_id=actor, blocked_id=other),
        *(
            FollowEnded(actor_id=actor, follower_id=one, followee_id=two)
            for one, two in ((actor, other), (other, actor))
        ),
        UserUnblocked(actor_id=actor, blocked_id=other),
    ]


async def test_one_that_is_refused_or_fails_leaves_the_others(client: Client) -> None:
    post, ben = await post_of(client, "ana", unliked_by="ben"), await person(client, "ben")
    before = await thread(client, post, None)
    never = global_id("Post", post.owner_id, 1)
    answer = await client.ask(MIXED, {"post": post.id, "never": never}, as_="ben")
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [(["d"], "BAD_USER_INPUT")]
    counts = {"commentCount": before["commentCount"] + 1, "likeCount": before["likeCount"] + 1, "likedByViewer": True}
    assert answer["data"] == {
        "a": {"__typename": "LikePostSuccess"},
        "b": {"__typename": "NotFoundProblem"},
        "c": {"__typename": "InvalidInputProblem"},
        "d": None,
        "e": {"comment": {"post": counts}},
    }
    liked, added = await events_of(client.resources)
    assert liked == told(PostLiked, ben, post)
    assert isinstance(added, CommentAdded)


async def test_posts_of_one_request_are_published_in_its_order(client: Client) -> None:
    publish = "publishPost(input: {body: $body}) { ... on PublishPostSuccess { post { id } } }"
    query = f"mutation ($body: String!) {{ a: {publish} b: {publish} c: {publish} }}"
    answer = await client.data(query, {"body": "The same"}, as_="ana")
    published = [answer[name]["post"]["id"] for name in "abc"]
    assert (await feed_of(client, "ana"))[:3] == published[::-1]
