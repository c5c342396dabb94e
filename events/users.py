"""People and their devices coming and going. The actor is whose account it is."""

from events.base import Event


class PersonJoined(Event, frozen=True):
    """Signed up."""


class PersonReturned(Event, frozen=True):
    """After so long that no feed was kept; what was published before has ids below `since_id`."""

    since_id: int


class SessionBegan(Event, frozen=True):
    """Signed in on a device."""

    device_id: int


class SignInRefused(Event, frozen=True):
    """Somebody sent a wrong password. The actor is whose account it was; `Anonymous.user_id` when there is none."""


class SessionEnded(Event, frozen=True):
    """Signed out on a device, or revoked it from another."""

    device_id: int


class RefreshTokenReused(Event, frozen=True):
    """Somebody presented a token that had been exchanged before, so the session was ended."""

    device_id: int


class PushTokenRegistered(Event, frozen=True):
    """For a device."""

    device_id: int


class ProfileUpdated(Event, frozen=True):
    """Name, bio or picture."""


class PasswordChanged(Event, frozen=True):
    """And all other sessions ended."""


class PasswordRefused(Event, frozen=True):
    """Somebody who is signed in sent a wrong password for something that needs it."""

    device_id: int


class DataExportRequested(Event, frozen=True):
    """A copy of everything that is kept about the person."""

    export_id: int


class DataExportReady(Event, frozen=True):
    """It can be fetched."""

    export_id: int


class AccountDeleted(Event, frozen=True):
    """Nobody can sign in any more, and nobody sees the person; what is left of them is about to be erased."""


class AccountErased(Event, frozen=True):
    """Nothing is left of the person but what has to be kept, which names nobody."""


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
