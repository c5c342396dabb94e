"""OAuth2 access tokens of a Google service account (RFC 7523)."""

import asyncio
from typing import NamedTuple

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from adapters.outcomes import CredentialsRejected, ServerUnavailable
from adapters.push.http import post, read_object
from core.clock import Clock

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
EARLY_SECONDS = 300.0
"""Seconds before its end in which a token is replaced; half of its life if that is shorter."""

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE_SECONDS = 3600
_OK = 200
_REJECTED = {400, 401, 403}


class ServiceAccount(NamedTuple):
    """The parts of a service account's file that are used."""

    project_id: str
    client_email: str
    private_key: RSAPrivateKey
    private_key_id: str
    token_uri: str


class GoogleTokens:
    """Gets access tokens, one at a time, and keeps each until shortly before its end."""

    def __init__(self, http: httpx2.AsyncClient, account: ServiceAccount, clock: Clock) -> None:
        self._http = http
        self._account = account
        self._clock = clock
        self._turn = asyncio.Lock()
        self._token = ""
        self._until = 0.0

    async def current(self) -> str:
        """Returns an access token. Raises `ServerUnavailable`."""
        async with self._turn:
            if not self._token or self._clock().timestamp() >= self._until:
                await self._get()
            return self._token

    def revoked(self, token: str) -> None:
        """Forgets a token that was rejected."""
        if token == self._token:
            self._token = ""

    async def _get(self) -> None:
        now = self._clock()
        assertion = jwt.encode(
            {
                "iss": self._account.client_email,
                "scope": SCOPE,
                "aud": self._account.token_uri,
                "iat": int(now.timestamp()),
                "exp": int(now.timestamp()) + _LIFE_SECONDS,
            },
            self._account.private_key,
            algorithm="RS256",
            headers={"kid": self._account.private_key_id},
        )
        form = str(httpx2.QueryParams({"grant_type": _GRANT, "assertion": assertion})).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        response = await post(self._http, self._account.token_uri, headers, form, now)
        answer = read_object(response)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if response.status in _REJECTED:
            raise CredentialsRejected(f"no access token, status {response.status}")
        if response.status != _OK or not isinstance(token, str) or not isinstance(seconds, int):
            raise ServerUnavailable(f"no access token, status {response.status}")
        self._token = token
        self._until = now.timestamp() + max(seconds - EARLY_SECONDS, seconds / 2)
