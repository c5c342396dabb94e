"""Inputs and results of sign-up, sign-in, refresh and sign-out."""

from typing import Annotated

import strawberry

from schema.problems import (
    AlreadyExistsProblem,
    InvalidCredentialsProblem,
    InvalidInputProblem,
    RateLimitedProblem,
    SessionExpiredProblem,
)
from schema.row import Row, derived, id_writer
from schema.users.types import Platform, Session, User


@strawberry.input(description="The device that signs in.")
class DeviceInput:
    """Cleaned by `services.users.device_description`."""

    name: str = strawberry.field(description="Name of the device. It is cut to 100 characters.")
    platform: Platform = strawberry.field(description="The kind of device.")
    app_version: str = strawberry.field(description="The app's version, such as `4.2.0`. It is cut to 32 characters.")
    locale: str | None = strawberry.field(
        default=None, description="Language tag of the app, such as `en-GB`. Extensions are removed."
    )
    time_zone: str | None = strawberry.field(
        default=None, description="IANA time zone, such as `Europe/Lisbon`. Other values are ignored."
    )


@strawberry.input(description="The new account and its first device.")
class SignUpInput:
    """Checked by `services.users.sign_up`."""

    email: str = strawberry.field(description="The e-mail address to sign in with; case-insensitive.")
    password: str = strawberry.field(description="8 to 128 characters, and not in the list of breached passwords.")
    handle: str = strawberry.field(description="3 to 30 letters a to z, digits and underscores; unique.")
    name: str = strawberry.field(description="Display name, 1 to 50 characters.")
    device: DeviceInput = strawberry.field(description="The device of the first session.")


@strawberry.input(description="The credentials and the device.")
class LogInInput:
    """Checked by `services.users.log_in`."""

    email: str = strawberry.field(description="The account's e-mail address; case-insensitive.")
    password: str = strawberry.field(description="The account's password.")
    device: DeviceInput = strawberry.field(description="The device of the session.")


@strawberry.input(description="A session to refresh.")
class RefreshSessionInput:
    """Checked by `services.users.refresh`."""

    refresh_token: str = strawberry.field(description="The newest refresh token of the session. It is valid once.")


@strawberry.type(description="The account was created, and the device is signed in.")
class SignUpSuccess(Row):
    """Describes a `services.users.sign_up.SignUpSuccessRow`."""

    session: Session = strawberry.field(description="The session of this device.")
    user: User = strawberry.field(description="The new user.")


@strawberry.type(description="The device is signed in.")
class LogInSuccess(Row):
    """Describes a `services.users.log_in.LogInSuccessRow`."""

    session: Session = strawberry.field(description="The new session of this device.")
    user: User = strawberry.field(description="The signed-in user.")


@strawberry.type(description="The session was refreshed.")
class RefreshSessionSuccess(Row):
    """Describes a `services.users.refresh.RefreshSessionSuccessRow`."""

    session: Session = strawberry.field(description="The same session with new tokens. Delete the old ones.")


@strawberry.type(description="The device was signed out.")
class LogOutSuccess(Row):
    """Describes a `services.users.devices.EndedRow`."""

    device_id: strawberry.ID = derived(id_writer("Device", "owner_id"), description="The device that was signed out.")


SignUpResult = Annotated[
    SignUpSuccess | InvalidInputProblem | AlreadyExistsProblem | RateLimitedProblem,
    strawberry.union("SignUpResult", description="A session of a new account, or a problem."),
]
LogInResult = Annotated[
    LogInSuccess | InvalidInputProblem | InvalidCredentialsProblem | RateLimitedProblem,
    strawberry.union("LogInResult", description="A session, or a problem."),
]
RefreshSessionResult = Annotated[
    RefreshSessionSuccess | SessionExpiredProblem | RateLimitedProblem,
    strawberry.union("RefreshSessionResult", description="New tokens, or a problem."),
]
LogOutResult = Annotated[
    LogOutSuccess | SessionExpiredProblem,
    strawberry.union("LogOutResult", description="The id of the device, also if it was signed out before."),
]
