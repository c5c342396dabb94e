"""Events: immutable facts, named in the past tense. They contain ids and numbers and no text of users.

So nothing has to be removed from the event log when an account is erased. The log stores the names of event
classes and of their fields, so they are never renamed.
"""

from events.base import Event
from events.feed import (
    AuthorBecamePopular,
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
    "AuthorBecamePopular",
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
