"""The checker of the campaign finds each kind of response that no uncached read could have returned."""

from collections.abc import Callable
from typing import Any

import pytest

from core.global_ids import global_id
from tests.response_cache.support.checker import Checker
from tests.response_cache.support.faults import Read
from tests.response_cache.support.history import Comment, History, Post, User
from tests.response_cache.support.projected import Poll, Projected
from tests.response_cache.support.registers import GONE, Register

Json = dict[str, Any]
ANA, BEN = 1, 2
READ_AT = 100.0


def write(register: Register, value: int, began: float, acknowledged: float | None = None) -> None:
    """Writes a value. Without an acknowledgement the client gave up after a second."""
    written = register.begin(value, began)
    if acknowledged is None:
        written.lose(began + 1)
    else:
        written.acknowledge(acknowledged)


class World:
    """Has two users. Ana has published a post that Ben has commented on; she reads at `READ_AT`."""

    def __init__(self) -> None:
        self.history = History()
        self.projected = Projected(self.history)
        self.checker = Checker(self.history, self.projected, max_age=6.0)
        self.ana, self.ben = self.user("ana", ANA), self.user("ben", BEN)
        self.post = self.published("ana-1", self.ana, 11)
        self.theirs = self.published("ben-1", self.ben, 12)
        self.comment = self.history.add_comment("ben-c1", "ben", self.post)
        write(self.comment.register, 1, 3, 4)
        self.history.bind(self.comment, global_id("Comment", ANA, 21))

    def user(self, handle: str, row_id: int) -> User:
        user = self.history.add_user(handle)
        write(user.register, 1, 0, 1)
        self.history.bind(user, global_id("User", row_id, row_id))
        return user

    def published(self, key: str, author: User, row_id: int) -> Post:
        post = self.history.add_post(key, author)
        write(post.register, 1, 2, 3)
        self.history.bind(post, global_id("Post", author.row_id, row_id))
        return post

    def kinds(self, data: Json, operation: str = "Home", viewer: str | None = "ana", **variables: Any) -> set[str]:
        """Returns the kinds of faults in a response."""
        self.checker.check(Read(viewer, operation, variables, READ_AT, READ_AT + 1, "server"), data)
        return set(self.checker.faults.kinds)

    def feed(self, *posts: Post) -> set[str]:
        return self.kinds({"viewer": {"feed": page(*(node(post) for post in posts))}})

    def profile(self, user: User, **fields: Any) -> set[str]:
        shown = {"id": user.id, "handle": user.handle, **fields}
        return self.kinds({"user": shown}, "Profile", handle=user.handle)

    def thread(self, post: Post, **fields: Any) -> set[str]:
        return self.kinds({"node": node(post) | fields}, "Thread", postId=post.id)


def node(subject: Post | Comment, version: int = 1) -> Json:
    body = f"{subject.key} v{version}" if isinstance(subject, Post) else subject.key
    return {"id": subject.id, "body": body}


def page(*nodes: Json) -> Json:
    return {"edges": [{"node": one} for one in nodes], "pageInfo": {"hasNextPage": False}}


@pytest.fixture
def world() -> World:
    return World()


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
    assert world.feed(newer) == {"own post in feed"}
    write(world.history.follow("ana", "ben"), 1, 5, 6)
    world.ben.deleting = True
    world.checker.faults.kinds.clear()
    assert world.feed(newer) == set()
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


def test_old_counts_of_own_doing(world: World) -> None:
    write(world.history.follow("ben", "ana"), 1, 5, 6)
    assert world.profile(world.ana, postCount=0) == {"postCount"}
    assert world.profile(world.ben, followingCount=0) == {"postCount", "followingCount"}


def test_counts_of_what_others_do_may_be_a_little_old(world: World) -> None:
    write(world.history.like("ben", world.post), 1, READ_AT - 5, READ_AT - 4)
    write(world.history.follow("ben", "ana"), 1, READ_AT - 3, READ_AT - 2)
    assert world.thread(world.post, likeCount=0) == set()
    assert world.checker.counts.worst_age == pytest.approx(4, abs=0.1)  # pyright: ignore[reportUnknownMemberType]
    assert world.profile(world.ana, followerCount=0) == set()


def test_counts_of_what_others_do_that_are_too_old(world: World) -> None:
    write(world.history.like("ben", world.post), 1, READ_AT - 9, READ_AT - 8)
    assert world.thread(world.post, likeCount=0, commentCount=2) == {"likeCount", "commentCount"}


def test_count_without_the_viewers_own_like(world: World) -> None:
    write(world.history.like("ana", world.theirs), 1, READ_AT - 2, READ_AT - 1)
    assert world.thread(world.theirs, likeCount=0) == {"likeCount"}


def test_projected_post_is_missing_in_a_feed(world: World) -> None:
    write(world.history.follow("ana", "ben"), 1, 5, 6)
    world.projected.see_feed_entry("ana", world.theirs.row_id, Poll(50, 51))
    assert world.feed(world.post) == {"projected post in feed"}


def test_projected_post_that_was_seen_too_late_may_be_missing(world: World) -> None:
    write(world.history.follow("ana", "ben"), 1, 5, 6)
    world.projected.see_feed_entry("ana", world.theirs.row_id, Poll(READ_AT - 0.5, READ_AT + 0.5))
    assert world.feed(world.post) == set()


def test_pulled_post_is_missing_in_a_feed(world: World) -> None:
    write(world.history.follow("ana", "ben"), 1, 5, 6)
    world.projected.see_pulled(world.theirs.row_id, Poll(50, 51))
    assert world.feed(world.post) == {"projected post in feed"}


def test_post_of_an_author_who_is_not_followed_any_more(world: World) -> None:
    write(world.history.follow("ana", "ben"), 1, 5, 6)
    write(world.history.follow("ana", "ben"), 0, 7, 8)
    assert world.feed(world.theirs, world.post) == {"post in feed without a follow"}


def test_projected_notifications(world: World) -> None:
    world.projected.see_notification("ana", 31, "ben", Poll(50, 51))
    counts = {"unseen": 0, "unread": 1}
    data = {"viewer": {"notifications": page(), "notificationCounts": counts}}
    assert world.kinds(data) == {"projected notification", "projected notificationCounts"}


def test_actor_of_a_notification_is_hidden_without_a_reason(world: World) -> None:
    world.projected.see_notification("ana", 31, "ben", Poll(50, 51))
    shown = page({"id": global_id("Notification", ANA, 31), "actor": None})
    assert world.kinds({"viewer": {"notifications": shown}}) == {"actor of a notification"}


def test_devices_push_tokens_and_exports(world: World) -> None:
    for name in ("ana d0", "ana d1"):
        world.ana.devices[name], world.ana.push[name] = Register(), Register()
        write(world.ana.devices[name], 1, 5, 6)
    write(world.ana.devices["ana d1"], GONE, 7, 8)
    write(world.ana.push["ana d0"], 1, 9, 10)
    write(world.ana.export, 1, 9, 10)
    devices = page({"name": "ana d1", "pushEnabled": False})
    assert world.kinds({"viewer": {"devices": devices}}) == {"device", "device in list"}
    enabled = page({"name": "ana d0", "pushEnabled": False})
    assert world.kinds({"viewer": {"devices": enabled}}) == {"device", "device in list", "pushEnabled"}
    assert "dataExport" in world.kinds({"viewer": {"dataExport": None}})


def test_private_data_of_another_viewer(world: World) -> None:
    assert world.kinds({"viewer": {"id": "anything"}}, viewer=None) == {"viewer"}
    assert "viewer" in world.kinds({"viewer": None})
