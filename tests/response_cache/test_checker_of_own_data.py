"""The checker of the campaign finds old counts, feeds, inboxes and devices."""

import pytest

from core.global_ids import global_id
from tests.response_cache.support.projected import Poll
from tests.response_cache.support.registers import GONE, Register
from tests.response_cache.support.small_world import ANA, READ_AT, World, page, write


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


def test_marks_and_archived_notifications(world: World) -> None:
    told = world.ana.told(31)
    assert told is not None
    for register, value in ((told.seen, 1), (told.read, 1), (told.listed, GONE)):
        write(register, value, 5, 6)
    shown = page({"id": global_id("Notification", ANA, 31), "seenAt": None, "readAt": None, "actor": None})
    found = world.kinds({"viewer": {"notifications": shown}})
    assert found == {"archived notification", "seenAt", "readAt"}


def test_a_notification_that_a_mark_may_have_included_has_no_counts(world: World) -> None:
    world.projected.see_notification("ana", 31, "ben", Poll(50, 51))
    world.ana.marked_up_to = 31
    counts = {"unseen": 0, "unread": 0}
    data = {"viewer": {"notifications": page(), "notificationCounts": counts}}
    assert world.kinds(data) == {"projected notification"}


def test_preferences_of_notifications(world: World) -> None:
    write(world.ana.push_of_likes, 1, 5, 6)
    channels = [{"kind": "LIKE", "push": False}, {"kind": "FOLLOW", "push": True}]
    assert world.kinds({"viewer": {"notificationPreferences": {"channels": channels}}}) == {"push of likes"}


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
