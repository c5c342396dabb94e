"""The checker of the campaign finds users, posts, comments and lists that no uncached read could have returned."""

from collections.abc import Callable

import pytest

from core.global_ids import global_id
from tests.response_cache.support.faults import Read
from tests.response_cache.support.registers import GONE, Register
from tests.response_cache.support.small_world import ANA, READ_AT, Json, World, node, page, write


def test_responses_as_of_now_have_no_fault(world: World) -> None:
    write(world.history.follow("ana", "ben"), 1, 5, 6)
    assert world.feed(world.theirs, world.post) == set()
    assert world.profile(world.ana, name="ana v1", bio=None, postCount=1, posts=page(node(world.post))) == set()
    assert world.thread(world.post, comments=page(node(world.comment)), commentCount=1, likeCount=0) == set()


def test_old_body(world: World) -> None:
    write(world.post.register, 2, 5, READ_AT - 1)
    assert world.feed(world.post) == {"body"}


def test_old_body_while_it_is_edited_is_possible(world: World) -> None:
    write(world.post.register, 2, READ_AT - 1, READ_AT + 0.5)
    assert world.feed(world.post) == set()


def test_body_that_another_response_has_replaced(world: World) -> None:
    write(world.post.register, 2, READ_AT - 5)
    assert world.feed(world.post) == set(), "the outcome of the edit is not known"
    earlier = Read("ben", "Thread", {"postId": world.post.id}, READ_AT - 2, READ_AT - 1, "server")
    world.checker.check(earlier, {"node": node(world.post, 2)})
    assert world.feed(world.post) == {"body"}


def test_body_that_was_never_written(world: World) -> None:
    assert world.kinds({"node": node(world.post, 7)}, "Thread", postId=world.post.id) == {"body"}


def test_deleted_post_in_a_feed_a_list_and_a_node(world: World) -> None:
    write(world.post.register, GONE, 5, 6)
    assert world.feed(world.post) == {"body"}
    assert world.profile(world.ana, posts=page(node(world.post))) == {"body"}
    assert world.checker.faults.kinds["body"] == 2
    assert world.thread(world.post) == {"body"}
    assert world.checker.faults.kinds["body"] == 3


def test_missing_posts(world: World) -> None:
    assert world.feed() == {"own post in feed"}
    assert world.profile(world.ana, posts=page()) == {"own post in feed", "post in user.posts"}
    assert "post" in world.kinds({"node": None}, "Thread", postId=world.post.id)


def test_missing_and_deleted_comments(world: World) -> None:
    assert world.thread(world.post, comments=page()) == {"comment in list"}
    write(world.comment.register, GONE, 5, 6)
    assert world.thread(world.post, comments=page(node(world.comment))) == {"comment in list", "comment"}


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "ben v1"), ("bio", None), ("avatarUrl", None)],
)
def test_old_profile(world: World, field: str, value: str | None) -> None:
    write(world.ben.register, 2, 5, 6)
    assert world.profile(world.ben, **{field: value}) == {field}


def test_old_name_of_an_author_a_follower_and_an_actor(world: World) -> None:
    write(world.ben.register, 2, 5, 6)
    write(world.history.follow("ben", "ana"), 1, 5, 6)
    old = {"id": world.ben.id, "handle": "ben", "name": "ben v1"}
    data: list[Json] = [
        {"node": node(world.theirs) | {"author": old}},
        {"node": {"id": world.ana.id, "handle": "ana", "followers": page(old)}},
        {"viewer": {"notifications": page({"id": global_id("Notification", ANA, 31), "actor": old})}},
    ]
    for number, one in enumerate(data, 1):
        assert world.kinds(one, id=one["node"]["id"] if "node" in one else None) == {"name"}
        assert world.checker.faults.kinds["name"] == number


@pytest.mark.parametrize(("pair", "field"), [("follow", "followedByViewer"), ("block", "blockedByViewer")])
def test_old_flags_of_users(world: World, pair: str, field: str) -> None:
    written: Callable[[str, str], Register] = getattr(world.history, pair)
    write(written("ana", "ben"), 1, 5, 6)
    assert world.profile(world.ben, **{field: False}) == {field}
    write(written("ana", "ben"), 0, 7, 8)
    assert world.profile(world.ben, **{field: True}) == {field}
    assert world.checker.faults.kinds[field] == 2


def test_old_like(world: World) -> None:
    write(world.history.like("ana", world.theirs), 1, 5, 6)
    assert world.thread(world.theirs, likedByViewer=False) == {"likedByViewer"}


def test_lists_of_followers_and_blocked_users(world: World) -> None:
    write(world.history.follow("ben", "ana"), 1, 5, 6)
    assert world.profile(world.ana, followers=page()) == {"follower in list"}
    write(world.history.follow("ben", "ana"), 0, 7, 8)
    shown = page({"id": world.ben.id, "handle": "ben", "name": "ben v1"})
    assert world.profile(world.ana, followers=shown) == {"follower in list", "follower"}
    write(world.history.block("ana", "ben"), 1, 9, 10)
    assert "blocked user" in world.kinds({"viewer": {"blockedUsers": page()}})


def test_followers_of_an_account_that_is_being_deleted_may_be_missing(world: World) -> None:
    write(world.history.follow("ben", "ana"), 1, 5, 6)
    write(world.ana.register, GONE, READ_AT - 1, READ_AT + 0.5)
    assert world.profile(world.ana, followers=page()) == set()


def test_followers_of_an_account_that_is_being_blocked_may_be_missing(world: World) -> None:
    write(world.history.follow("chi", "ben"), 1, 5, 6)
    world.user("chi", 60)
    write(world.history.block("ben", "ana"), 1, READ_AT - 1, READ_AT + 0.5)
    assert world.profile(world.ben, followers=page()) == set()


def test_follower_who_perhaps_never_unfollowed_may_be_further_down(world: World) -> None:
    follow = world.history.follow("ben", "ana")
    write(follow, 1, 5, 6)
    write(follow, 0, 7)
    write(follow, 1, 90, 91)
    others: list[Json] = []
    for row_id in range(50, 55):
        other = world.user(f"other{row_id}", row_id)
        write(world.history.follow(other.handle, "ana"), 1, 20, 21)
        others.append({"id": other.id, "handle": other.handle})
    assert world.profile(world.ana, followers=page(*others)) == set()
    write(world.history.follow("chi", "ana"), 0, 7, 8)
    world.user("chi", 60)
    write(world.history.follow("chi", "ana"), 1, 90, 91)
    assert world.profile(world.ana, followers=page(*others)) == {"follower in list"}


def test_posts_before_a_hidden_last_one_may_be_missing(world: World) -> None:
    hidden = page() | {"pageInfo": {"hasNextPage": True}, "edges": [{"node": None}]}
    assert world.kinds({"viewer": {"feed": hidden}}) == set()


def test_feed_that_ends_early_while_a_followed_account_is_erased(world: World) -> None:
    newer = world.published("ana-2", world.ana, 13)
    write(world.history.follow("ana", "ben"), 1, 5, 6)
    world.ben.deleting = True
    assert world.feed(newer) == {"own post in feed"}
    assert world.feed(world.post) == {"own post in feed"}


def test_unblocked_user_in_the_list(world: World) -> None:
    shown = page({"id": world.ben.id, "handle": "ben", "name": "ben v1"})
    assert world.kinds({"viewer": {"blockedUsers": shown}}) == {"blocked user"}


def test_content_and_profile_in_spite_of_a_block(world: World) -> None:
    write(world.history.block("ben", "ana"), 1, 5, 6)
    assert world.profile(world.ben) == {"block of the viewer"}
    assert world.thread(world.theirs) == {"block of the viewer", "post in spite of a block"}
    both = world.thread(world.post, comments=page(node(world.comment)))
    assert both == {"block of the viewer", "post in spite of a block", "comment in spite of a block"}


def test_content_hidden_without_a_block(world: World) -> None:
    assert world.kinds({"user": None}, handle="ben") == {"user"}


def test_deleted_account(world: World) -> None:
    write(world.ben.register, GONE, 5, 6)
    assert world.profile(world.ben) == {"deleted user"}
    assert world.profile(world.ben, name="ben v1") == {"deleted user", "name"}
    assert "post of a deleted user" in world.thread(world.theirs)
    assert "comment of a deleted user" in world.thread(world.post, comments=page(node(world.comment)))


def test_deleted_account_is_absent(world: World) -> None:
    write(world.ben.register, GONE, 5, 6)
    assert world.kinds({"user": None}, handle="ben") == set()
    assert world.kinds({"node": None}, postId=world.theirs.id) == set()
    assert world.thread(world.post, comments=page()) == set()
