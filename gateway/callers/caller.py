"""The caller of an operation, the same for every transport."""

from typing import NamedTuple

from core.client import Client
from core.errors import Unauthenticated
from core.i18n import DEFAULT_LANGUAGE, language_of
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
    language: str = DEFAULT_LANGUAGE
    """The language of texts: that of the device's locale, else one that the request accepts."""

    @classmethod
    def create(
        cls,
        session: TokenSession | Unauthenticated | None,
        address: str,
        client: Client,
        accept_language: str | None = None,
    ) -> "Caller":
        """Returns the caller with the result of `read_session`, and the language for an Accept-Language header."""
        if isinstance(session, TokenSession):
            return cls(session.viewer, session, address, client, language_of(session.locale, accept_language))
        return cls(session or Anonymous(), None, address, client, language_of(None, accept_language))
