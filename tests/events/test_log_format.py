import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import MAX_ID
from events import EVENTS, CommentAdded, Event, LoggedEvent, PostPublished, UnreadableEvent, read_event, write_event
from events.log_format import Fields, Upgrades

IDS = st.integers(0, MAX_ID)
IN_THE_LOG = {
    "AccountDeleted": (1, []),
    "AccountErased": (1, []),
    "CommentAdded": (1, ["author_id", "post_id", "comment_id"]),
    "CommentDeleted": (1, ["author_id", "post_id", "comment_id"]),
    "DataExportReady": (1, ["export_id"]),
    "DataExportRequested": (1, ["export_id"]),
    "FollowEnded": (1, ["follower_id", "followee_id"]),
    "NotificationArchived": (1, ["notification_id"]),
    "NotificationGrew": (1, ["notification_id"]),
    "NotificationPreferencesUpdated": (1, []),
    "NotificationRead": (1, ["notification_id"]),
    "NotificationsRead": (1, ["up_to"]),
    "NotificationsSeen": (1, ["up_to"]),
    "PasswordChanged": (1, []),
    "PasswordRefused": (1, ["device_id"]),
    "PaymentChargedBack": (1, ["payment_owner_id", "payment_id", "refund_id"]),
    "PaymentRefundReturned": (1, ["payment_owner_id", "payment_id", "refund_id"]),
    "PaymentFailed": (1, ["payment_owner_id", "payment_id", "party_id"]),
    "PaymentMethodAdded": (1, ["method_id"]),
    "PaymentMethodRemoved": (1, ["method_id"]),
    "PaymentRefunded": (1, ["payment_owner_id", "payment_id", "party_id", "refund_owner_id", "refund_id"]),
    "PaymentStarted": (1, ["payment_owner_id", "payment_id", "party_id"]),
    "PaymentSucceeded": (1, ["payment_owner_id", "payment_id", "party_id"]),
    "PersonJoined": (1, []),
    "PersonReturned": (1, ["since_id"]),
    "ProfileUpdated": (1, []),
    "PushTokenRegistered": (1, ["device_id"]),
    "RefreshTokenReused": (1, ["device_id"]),
    "SessionBegan": (1, ["device_id"]),
    "SessionEnded": (1, ["device_id"]),
    "SignInRefused": (1, []),
    "PostDeleted": (1, ["post_id"]),
    "PostEdited": (1, ["post_id"]),
    "PostLiked": (1, ["author_id", "post_id"]),
    "AuthorBecamePopular": (1, []),
    "PostPublished": (1, ["post_id"]),
    "PostUnliked": (1, ["author_id", "post_id"]),
    "UserBlocked": (1, ["blocked_id"]),
    "UserFollowed": (1, ["followee_id"]),
    "UserUnblocked": (1, ["blocked_id"]),
    "UserUnfollowed": (1, ["followee_id"]),
}
"""Version and fields of events in existing logs. A change of fields needs a new version and an upgrade."""


def any_event() -> st.SearchStrategy[Event]:
    return st.sampled_from(list(EVENTS.values())).flatmap(
        lambda made: st.builds(made, **dict.fromkeys(made.__struct_fields__, IDS))
    )


def test_names_versions_and_fields_are_those_of_logs_that_exist() -> None:
    assert {
        name: (made.version, [field for field in made.__struct_fields__ if field != "actor_id"])
        for name, made in EVENTS.items()
    } == IN_THE_LOG, "a new event gets a line in IN_THE_LOG; what is there stays for ever"


def test_every_event_can_be_read() -> None:
    declared = {each for each in Event.__subclasses__() if each.__module__.startswith("events.")}
    assert set(EVENTS.values()) == declared, "name a new event in EVENTS of events/<feature>.py"


def test_events_are_made_of_whole_numbers_alone() -> None:
    types = {field.type for made in EVENTS.values() for field in msgspec.structs.fields(made)}
    assert types == {int}


@given(event=any_event())
def test_what_is_written_is_read_again(event: Event) -> None:
    logged = write_event(event)
    assert logged.actor_id == event.actor_id
    assert read_event(logged) == event


def test_an_event_cannot_be_changed() -> None:
    event = PostPublished(actor_id=1, post_id=2)
    with pytest.raises(AttributeError):
        event.post_id = 3  # pyright: ignore[reportAttributeAccessIssue] - that it cannot is the point


def test_an_old_version_is_read_by_its_upgrades(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CommentAdded, "version", 3)

    def rename_owner(fields: Fields) -> Fields:
        return {**fields, "author_id": fields["owner_id"]}

    def drop_owner(fields: Fields) -> Fields:
        return {name: value for name, value in fields.items() if name != "owner_id"}

    upgrades: Upgrades = {("CommentAdded", 1): rename_owner, ("CommentAdded", 2): drop_owner}
    old = LoggedEvent("CommentAdded", 1, 1, '{"owner_id": 2, "post_id": 3, "comment_id": 4}')
    assert read_event(old, upgrades) == CommentAdded(actor_id=1, author_id=2, post_id=3, comment_id=4)
    newer = LoggedEvent("CommentAdded", 2, 1, '{"owner_id": 2, "author_id": 2, "post_id": 3, "comment_id": 4}')
    assert read_event(newer, upgrades) == read_event(old, upgrades)


@pytest.mark.parametrize(
    ("logged", "why"),
    [
        (LoggedEvent("PostSold", 1, 1, "{}"), "unknown event type 'PostSold'"),
        (LoggedEvent("PostPublished", 2, 1, '{"post_id": 2}'), "version 2 is newer than the known version 1"),
        (LoggedEvent("PostPublished", 0, 1, '{"post_id": 2}'), "PostPublished of version 0"),
        (LoggedEvent("PostPublished", 1, 1, "{}"), "missing required field `post_id`"),
        (LoggedEvent("PostPublished", 1, 1, '{"post_id": "2"}'), "Expected `int`"),
        (LoggedEvent("PostPublished", 1, 1, '{"post_id": 2, "body": 3}'), "unknown field `body`"),
        (LoggedEvent("PostPublished", 1, 1, '{"post_id": 2'), "PostPublished of version 1"),
        (LoggedEvent("PostPublished", 1, 1, "[]"), "Expected `object`"),
    ],
)
def test_an_unreadable_event_has_its_reason(logged: LoggedEvent, why: str) -> None:
    with pytest.raises(UnreadableEvent, match=why):
        read_event(logged)
