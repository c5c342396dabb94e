"""What has happened: frozen, in the past tense, made of ids and numbers, never of what somebody wrote or is called.

So nothing of a person has to be taken out of history when they leave.
"""

from events.base import Event
from events.feed import (
    CommentAdded,
    CommentDeleted,
    FollowEnded,
    PostDeleted,
    PostEdited,
    PostLiked,
    PostPublished,
    PostUnliked,
    UserBlocked,
    UserFollowed,
    UserUnblocked,
    UserUnfollowed,
)
from events.log_format import EVENTS, LoggedEvent, UnreadableEvent, read_event, write_event
from events.users import (
    AccountDeleted,
    AccountErased,
    DataExportReady,
    DataExportRequested,
    PasswordChanged,
    PasswordRefused,
    PersonJoined,
    PersonReturned,
    ProfileUpdated,
    PushTokenRegistered,
    RefreshTokenReused,
    SessionBegan,
    SessionEnded,
    SignInRefused,
)

__all__ = [
    "EVENTS",
    "AccountDeleted",
    "AccountErased",
    "CommentAdded",
    "CommentDeleted",
    "DataExportReady",
    "DataExportRequested",
    "Event",
    "FollowEnded",
    "LoggedEvent",
    "PasswordChanged",
    "PasswordRefused",
    "PersonJoined",
    "PersonReturned",
    "PostDeleted",
    "PostEdited",
    "PostLiked",
    "PostPublished",
    "PostUnliked",
    "ProfileUpdated",
    "PushTokenRegistered",
    "RefreshTokenReused",
    "SessionBegan",
    "SessionEnded",
    "SignInRefused",
    "UnreadableEvent",
    "UserBlocked",
    "UserFollowed",
    "UserUnblocked",
    "UserUnfollowed",
    "read_event",
    "write_event",
]
