"""Who is asking."""

from core.errors import Unauthenticated
from core.viewer import Anonymous, Viewer
from services.security.access_tokens import AccessTokens, TokenSession


def authenticate(header: str | None, access_tokens: AccessTokens) -> Viewer | Unauthenticated:
    """Whom an Authorization header names, or why it names nobody; without one, nobody is signed in."""
    found = read_session(header, access_tokens)
    return found.viewer if isinstance(found, TokenSession) else found or Anonymous()


def read_session(header: str | None, access_tokens: AccessTokens) -> TokenSession | Unauthenticated | None:
    """The same, and until when; None when nobody is signed in."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        return Unauthenticated("Send the access token as 'Authorization: Bearer …'.")
    try:
        return access_tokens.session(token.strip())
    except Unauthenticated as error:
        return error
