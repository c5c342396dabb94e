"""The tokens by which a provider of notifications authenticates itself to APNs."""

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from core.clock import Clock

RENEWED_SECONDS = 2400.0
"""Age at which a token is renewed. APNs rejects tokens of an hour, and more than one new token in 20 minutes."""

MIN_AGE_SECONDS = 1200.0
"""Age from which on a token that APNs calls expired is renewed."""


class ApnsTokens:
    """Signs tokens with the key of a team (ES256), and keeps each for `RENEWED_SECONDS`."""

    def __init__(self, key: EllipticCurvePrivateKey, key_id: str, team_id: str, clock: Clock) -> None:
        self._key = key
        self._key_id = key_id
        self._team_id = team_id
        self._clock = clock
        self._token = ""
        self._signed_at = 0.0

    def current(self) -> str:
        """Returns the token, a new one if it is too old."""
        if not self._token or not 0 <= self._age() < RENEWED_SECONDS:
            self._sign()
        return self._token

    def expired(self, token: str) -> None:
        """Renews a token that APNs calls expired, unless it is so new that another one would not help."""
        if token == self._token and self._age() >= MIN_AGE_SECONDS:
            self._sign()

    def _age(self) -> float:
        return self._clock().timestamp() - self._signed_at

    def _sign(self) -> None:
        self._signed_at = self._clock().timestamp()
        claims = {"iss": self._team_id, "iat": int(self._signed_at)}
        self._token = jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._key_id})
