"""Joining, signing in, going on and signing out."""

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

    name: str = strawberry.field(description="What its owner will know it by. It is shortened to 100 letters.")
    platform: Platform = strawberry.field(description="What kind of device it is.")
    app_version: str = strawberry.field(description="The app's version, like `4.2.0`. It is shortened to 32 letters.")
    locale: str | None = strawberry.field(
        default=None, description="Language of the app as a tag, like `en-GB`. Extensions are left out."
    )
    time_zone: str | None = strawberry.field(
        default=None, description="IANA time zone, like `Europe/Lisbon`. Others are left out."
    )


@strawberry.input(description="Who joins, and on what.")
class SignUpInput:
    """Checked by `services.users.sign_up`."""

    email: str = strawberry.field(description="The address to sign in with; letter case makes no difference.")
    password: str = strawberry.field(description="8 to 128 letters, and none of those that are known from thefts.")
    handle: str = strawberry.field(description="3 to 30 letters a to z, digits and underscores, unique.")
    name: str = strawberry.field(description="What others see, 1 to 50 letters.")
    device: DeviceInput = strawberry.field(description="The device to open the first session on.")


@strawberry.input(description="Who signs in, and on what.")
class LogInInput:
    """Checked by `services.users.log_in`."""

    email: str = strawberry.field(description="The account's e-mail address; letter case makes no difference.")
    password: str = strawberry.field(description="The account's password.")
    device: DeviceInput = strawberry.field(description="The device to open a session on.")


@strawberry.input(description="A session that goes on.")
class RefreshSessionInput:
    """Checked by `services.users.refresh`."""

    refresh_token: str = strawberry.field(description="The newest refresh token of the session. It is good once.")


@strawberry.type(description="Joined and signed in.")
class SignUpSuccess(Row):
    """Rows: `services.users.sign_up.SignUpSuccessRow`."""

    session: Session = strawberry.field(description="The session of this device.")
    user: User = strawberry.field(description="The new person.")


@strawberry.type(description="Signed in.")
class LogInSuccess(Row):
    """Rows: `services.users.log_in.LogInSuccessRow`."""

    session: Session = strawberry.field(description="The new session of this device.")
    user: User = strawberry.field(description="Who is signed in now.")


@strawberry.type(description="The session goes on.")
class RefreshSessionSuccess(Row):
    """Rows: `services.users.refresh.RefreshSessionSuccessRow`."""

    session: Session = strawberry.field(description="The same session with new tokens. Forget the old ones.")


@strawberry.type(description="Signed out.")
class LogOutSuccess(Row):
    """Rows: `services.users.devices.EndedRow`."""

    device_id: strawberry.ID = derived(id_writer("Device", "owner_id"), description="The device that was signed out.")


SignUpResult = Annotated[
    SignUpSuccess | InvalidInputProblem | AlreadyExistsProblem | RateLimitedProblem,
    strawberry.union("SignUpResult", description="A session of a new account, or why there is none."),
]
LogInResult = Annotated[
    LogInSuccess | InvalidInputProblem | InvalidCredentialsProblem | RateLimitedProblem,
    strawberry.union("LogInResult", description="A session, or why there is none."),
]
RefreshSessionResult = Annotated[
    RefreshSessionSuccess | SessionExpiredProblem | RateLimitedProblem,
    strawberry.union("RefreshSessionResult", description="New tokens, or why there are none."),
]
LogOutResult = Annotated[
    LogOutSuccess | SessionExpiredProblem,
    strawberry.union("LogOutResult", description="Which device was signed out, or that it was already."),
]
