"""Reads the access token of an Authorization header."""

from core.errors import Unauthenticated
from services.security.access_tokens import AccessTokens, TokenSession


def read_session(header: str | None, access_tokens: AccessTokens) -> TokenSession | Unauthenticated | None:
    """Returns the session of the header's token, the reason why it is rejected, or None without a header."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        return Unauthenticated("Send the access token as 'Authorization: Bearer …'.")
    try:
        return access_tokens.session(token.strip())
    except Unauthenticated as error:
        return error
