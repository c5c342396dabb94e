"""Who is asking."""

from dataclasses import dataclass

from core.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody has signed in."""

    user_id = 0
    """No row has this id, so a statement that compares with it finds nothing of anybody's."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person on one of their devices, as a verified access token names them."""

    user_id: int
    device_id: int


Viewer = Anonymous | SignedIn


def signed_in(viewer: Viewer) -> SignedIn:
    if isinstance(viewer, SignedIn):
        return viewer
    raise Unauthenticated("Sign in first: send an access token as 'Authorization: Bearer …'.")
