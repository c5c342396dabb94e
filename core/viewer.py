"""The viewer of a request."""

from dataclasses import dataclass

from core.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class Anonymous:
    """The viewer of a request without an access token."""

    user_id = 0
    """No row has this id, so a statement that compares with it matches no rows of any user."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A user on one of their devices, from a verified access token."""

    user_id: int
    device_id: int


Viewer = Anonymous | SignedIn


def signed_in(viewer: Viewer) -> SignedIn:
    """Returns a signed-in viewer. Raises `Unauthenticated` for another one."""
    if isinstance(viewer, SignedIn):
        return viewer
    raise Unauthenticated("Sign in first: send an access token as 'Authorization: Bearer …'.")
