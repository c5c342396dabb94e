import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from core.errors import Unauthenticated
from core.keys import KeyRing
from core.viewer import SignedIn
from services.security.access_tokens import AccessTokens
from services.security.revocations import Revocations
from tests.support.client import HOME, LOG_IN, Client
from tests.users.test_log_in import credentials

KEYS = "dev:not-a-secret-for-development-only-0000"
QUARTER = timedelta(minutes=15)
OTHER = "other:another-secret-of-more-than-32-bytes-0000"


def secret(keys: str = KEYS) -> bytes:
    return KeyRing(keys).derive("access-token")[0].secret


def claims(**changes: Any) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    standard = {"iss": "bff", "aud": "bff", "sub": "1", "did": "2", "iat": now, "exp": now + 900}
    return {name: value for name, value in {**standard, **changes}.items() if value is not None}


def forged(key: bytes | None = None, algorithm: str = "HS256", kid: Any = "dev", **changes: Any) -> str:
    return jwt.encode(claims(**changes), secret() if key is None else key, algorithm, headers={"kid": kid})


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(algorithm: str = "none") -> str:
    return f"{part({'alg': algorithm, 'kid': 'dev', 'typ': 'JWT'})}.{part(claims())}."


def signed_by(key: bytes, **header: Any) -> str:
    """Returns a token with a header that PyJWT does not write."""
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'dev', **header})}.{part(claims())}"
    signature = base64.urlsafe_b64encode(hmac.digest(key, signed.encode(), "sha256")).decode().rstrip("=")
    return f"{signed}.{signature}"


OWN_KEY = {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("=")}


BAD_TOKENS = {
    "tampered": forged()[:-4] + "AAAA",
    "expired": forged(exp=int(datetime.now(UTC).timestamp()) - 1),
    "unsigned": unsigned(),
    "unsigned in capitals": unsigned("NONE"),
    "unsigned in mixed case": unsigned("nOnE"),
    "signed by the key that it brings": signed_by(b"x" * 32, jwk=OWN_KEY),
    "signed by a key from elsewhere": signed_by(b"x" * 32, jku="https://example.com/keys.json"),
    "a header that has to be understood": signed_by(secret(), crit=["b64"], b64=False),
    "a kid that is a list": signed_by(secret(), kid=["dev"]),
    "a kid that is SQL": signed_by(secret(), kid="dev' OR '1'='1"),
    "a kid that is empty, and an empty key": signed_by(b"", kid=""),
    "no signature": forged().rpartition(".")[0] + ".",
    "an end that is no number": forged(exp="tomorrow"),
    "wrong algorithm": forged(key=secret() * 2, algorithm="HS512"),
    "wrong key": forged(key=secret(OTHER)),
    "unknown kid": forged(kid="other"),
    "kid that is a path": forged(kid="../../dev"),
    "no kid": jwt.encode(claims(), secret(), "HS256"),
    "wrong audience": forged(aud="other"),
    "wrong issuer": forged(iss="other"),
    "no end": forged(exp=None),
    "no start": forged(iat=None),
    "from the future": forged(iat=int(datetime.now(UTC).timestamp()) + 3600),
    "no person": forged(sub=None),
    "no device": forged(did=None),
    "person that is no number": forged(sub="ana"),
    "huge": forged(extra="x" * 10_000),
    "not a token": "junk",
    "empty": " ",
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
async def test_a_token_that_cannot_be_trusted_gets_one_answer_and_no_statement(
    client: Client, statements: list[str], token: str
) -> None:
    response = await client.post(HOME, Authorization=f"Bearer {token}")
    answer = response.json()
    assert response.status_code == 200
    assert answer["data"] == {"viewer": None}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["extensions"]["retryable"] is False
    assert error["message"] in (
        "The access token is invalid or has expired. Refresh the session or sign in again.",
        "Send the access token as 'Authorization: Bearer …'.",
    )
    assert statements == []


async def test_another_scheme_is_refused(client: Client) -> None:
    answer = (await client.post(HOME, Authorization="Basic YW5hOnNlc2FtZQ==")).json()
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_signing_in_works_with_an_expired_token_attached(client: Client) -> None:
    answer = (await client.post(LOG_IN, credentials(), token=BAD_TOKENS["expired"])).json()
    assert answer["data"]["logIn"]["__typename"] == "LogInSuccess"


async def test_a_token_of_a_deleted_account_has_no_viewer(client: Client) -> None:
    token = await client.token("ana")
    await client.resources.database.fetch("DELETE FROM users WHERE handle = 'ana'")
    answer = (await client.post("{ viewer { user { handle } } }", token=token)).json()
    assert answer["data"] == {"viewer": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


class Watch:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_remembered_token_still_expires() -> None:
    watch = Watch()
    tokens = AccessTokens(KeyRing(KEYS), watch, QUARTER, Revocations(QUARTER))
    token, expires_at = tokens.issue(SignedIn(1, 2))
    assert tokens.verify(token) == tokens.verify(token) == SignedIn(1, 2)
    watch.now = expires_at
    with pytest.raises(Unauthenticated):
        tokens.verify(token)


def test_time_is_the_clocks_alone() -> None:
    for years in (-10, 10):
        watch = Watch()
        watch.now += timedelta(days=365 * years)
        tokens = AccessTokens(KeyRing(KEYS), watch, QUARTER, Revocations(QUARTER))
        assert tokens.verify(tokens.issue(SignedIn(1, 2))[0]) == SignedIn(1, 2)


def test_a_token_lives_for_fifteen_minutes() -> None:
    watch = Watch()
    tokens = AccessTokens(KeyRing(KEYS), watch, QUARTER, Revocations(QUARTER))
    _, expires_at = tokens.issue(SignedIn(1, 2))
    assert expires_at == watch.now.replace(microsecond=0) + timedelta(minutes=15)


def test_rotating_keys_keeps_old_tokens_and_signs_new_ones_with_the_first_key() -> None:
    watch = Watch()
    old = AccessTokens(KeyRing(KEYS), watch, QUARTER, Revocations(QUARTER))
    rotated = AccessTokens(KeyRing(f"{OTHER},{KEYS}"), watch, QUARTER, Revocations(QUARTER))
    assert rotated.verify(old.issue(SignedIn(1, 2))[0]) == SignedIn(1, 2)
    fresh, _ = rotated.issue(SignedIn(1, 2))
    assert jwt.get_unverified_header(fresh)["kid"] == "other"
    with pytest.raises(Unauthenticated):
        old.verify(fresh)


def test_a_verified_token_is_not_verified_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = AccessTokens(KeyRing(KEYS), Watch(), QUARTER, Revocations(QUARTER))
    token, _ = tokens.issue(SignedIn(1, 2))
    tokens.verify(token)
    monkeypatch.delattr(jwt, "decode")
    assert tokens.verify(token) == SignedIn(1, 2)
