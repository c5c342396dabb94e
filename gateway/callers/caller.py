"""The caller of an operation, the same for every transport."""

from typing import NamedTuple

from core.client import Client
from core.errors import Unauthenticated
from core.viewer import Anonymous, Viewer
from services.security.access_tokens import TokenSession


class Caller(NamedTuple):
    """The sender of a request."""

    viewer: Viewer | Unauthenticated
    """The signed-in user, or the reason why the access token was rejected."""
    session: TokenSession | None
    """The session of the access token. None if there is no valid token."""
    address: str
    """The client address. Empty if it is unknown."""
    client: Client

    @classmethod
    def create(cls, session: TokenSession | Unauthenticated | None, address: str, client: Client) -> "Caller":
        """Returns the caller with the result of `read_session`."""
        if isinstance(session, TokenSession):
            return cls(session.viewer, session, address, client)
        return cls(session or Anonymous(), None, address, client)
