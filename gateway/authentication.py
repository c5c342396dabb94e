"""Who is asking."""

from core.errors import Unauthenticated
from core.viewer import Anonymous, Viewer
from services.tokens import AccessTokens


def authenticate(header: str | None, access_tokens: AccessTokens) -> Viewer | Unauthenticated:
    """Whom an Authorization header names, or why it names nobody; without one, nobody is signed in."""
    if header is None:
        return Anonymous()
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        return Unauthenticated("Send the access token as 'Authorization: Bearer …'.")
    try:
        return access_tokens.verify(token.strip())
    except Unauthenticated as error:
        return error
