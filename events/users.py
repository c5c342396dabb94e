"""Events of accounts and devices. The actor is the owner of the account."""

from events.base import Event


class PersonJoined(Event, frozen=True):
    """The actor signed up."""


class PersonReturned(Event, frozen=True):
    """The actor returned after an absence in which their feed was not maintained.

    Earlier posts have ids below `since_id`.
    """

    since_id: int


class SessionBegan(Event, frozen=True):
    """The actor signed in on a device."""

    device_id: int


class SignInRefused(Event, frozen=True):
    """A sign-in failed because of a wrong password. The actor is `Anonymous.user_id` if the account does not exist."""


class SessionEnded(Event, frozen=True):
    """The actor signed out on a device, or revoked it on another device."""

    device_id: int


class RefreshTokenReused(Event, frozen=True):
    """A client sent a refresh token that had been exchanged before, so the session was ended."""

    device_id: int


class PushTokenRegistered(Event, frozen=True):
    """A device registered a push token."""

    device_id: int


class ProfileUpdated(Event, frozen=True):
    """The actor changed their name, bio or avatar."""


class PasswordChanged(Event, frozen=True):
    """The actor changed their password, which ended all other sessions."""


class PasswordRefused(Event, frozen=True):
    """A signed-in client sent a wrong password for an action that requires it."""

    device_id: int


class DataExportRequested(Event, frozen=True):
    """The actor requested a copy of their data."""

    export_id: int


class DataExportReady(Event, frozen=True):
    """A requested copy of the actor's data is ready to download."""

    export_id: int


class AccountDeleted(Event, frozen=True):
    """The actor deleted the account. It is hidden, sign-in is impossible, and its data will be erased."""


class AccountErased(Event, frozen=True):
    """The account's data was erased. Rows that must be retained contain no personal data."""


EVENTS = (
    PersonJoined,
    PersonReturned,
    SessionBegan,
    SignInRefused,
    SessionEnded,
    RefreshTokenReused,
    PushTokenRegistered,
    ProfileUpdated,
    PasswordChanged,
    PasswordRefused,
    DataExportRequested,
    DataExportReady,
    AccountDeleted,
    AccountErased,
)
