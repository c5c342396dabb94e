"""Access tokens: signed, short-lived, and verified without a database."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import jwt
from jwt.types import Options

from core.clock import Clock, seconds_of
from core.errors import Unauthenticated
from core.keys import KeyRing
from core.viewer import SignedIn
from services.security.revocations import Revocations

_ALGORITHM = "HS256"
_ISSUER = _AUDIENCE = "bff"
_CLAIMS = ["exp", "iat", "iss", "aud", "sub", "did"]
_MAX_LENGTH = 1024
_CLOCK_SKEW_SECONDS = 30
_CACHE_SIZE = 16_384


class TokenSession(NamedTuple):
    """The viewer of an access token, and its end in seconds since 1970."""

    viewer: SignedIn
    ends: int
    locale: str | None = None
    """The locale of the device, such as `de-AT`. None if the device has sent none."""


class AccessTokens:
    """JSON web tokens with HMAC-SHA256: the key's id is `kid`, the user's id `sub`, the device's id `did`.

    The device's locale is `loc`, so that texts in its language need no statement.
    """

    def __init__(self, keys: KeyRing, clock: Clock, lifetime: timedelta, revocations: Revocations) -> None:
        derived = keys.derive("access-token")
        self._signing = derived[0]
        self._verifying = {key.id: key.secret for key in derived}
        self._clock = clock
        self._seconds = seconds_of(clock)
        self._lifetime = lifetime
        self._revocations = revocations
        self._verified = lru_cache(_CACHE_SIZE)(self._verify)

    def issue(self, viewer: SignedIn, locale: str | None = None) -> tuple[str, datetime]:
        """Returns a token and the instant at which it ends. `locale` is that of the device."""
        now = self._clock()
        expires_at = now + self._lifetime
        claims: dict[str, str | int] = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(viewer.user_id),
            "did": str(viewer.device_id),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        if locale is not None:
            claims["loc"] = locale
        token = jwt.encode(claims, self._signing.secret, _ALGORITHM, headers={"kid": self._signing.id})
        return token, expires_at.replace(microsecond=0)

    def verify(self, token: str) -> SignedIn:
        """Returns the viewer of a token. Raises `Unauthenticated`, with one message for all reasons, if it is invalid.

        After a device is revoked, its tokens stay valid until this process knows of it: for a second at most.
        """
        return self.session(token).viewer

    def session(self, token: str) -> TokenSession:
        """Verifies a token and returns its session, for connections that may outlive the token."""
        try:
            session, issued = self._verified(token)
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise _invalid_token() from error
        now = self._seconds()
        if not issued - _CLOCK_SKEW_SECONDS <= now < session.ends or self._revocations.has(session.viewer.device_id):
            raise _invalid_token()
        return session

    def is_valid(self, session: TokenSession, now: float) -> bool:
        """Returns whether the session has neither ended at `now`, in seconds since 1970, nor been revoked."""
        return now < session.ends and not self._revocations.has(session.viewer.device_id)

    def check(self, session: TokenSession) -> None:
        """Raises `Unauthenticated` if the session has ended or was revoked since its token was verified."""
        if not self.is_valid(session, self._seconds()):
            raise _invalid_token()

    def _verify(self, token: str) -> tuple[TokenSession, int]:
        """Verifies everything but the time, so that the result can be cached. Returns the session and its begin."""
        if len(token) > _MAX_LENGTH:
            raise ValueError("token too long")
        key_id = jwt.get_unverified_header(token).get("kid")
        secret = self._verifying.get(key_id) if isinstance(key_id, str) else None
        if secret is None:
            raise ValueError("unknown key")
        options: Options = {"require": _CLAIMS, "verify_exp": False, "verify_iat": False}
        claims: dict[str, Any] = jwt.decode(
            token, secret, [_ALGORITHM], issuer=_ISSUER, audience=_AUDIENCE, options=options
        )
        viewer, locale = SignedIn(int(claims["sub"]), int(claims["did"])), claims.get("loc")
        return TokenSession(viewer, int(claims["exp"]), locale if isinstance(locale, str) else None), int(claims["iat"])


def _invalid_token() -> Unauthenticated:
    return Unauthenticated("The access token is invalid or has expired. Refresh the session or sign in again.")
