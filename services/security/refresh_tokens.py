"""Refresh tokens: opaque to apps, kept as a hash, good once."""

import hashlib
import hmac
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from core.keys import KeyRing, SecretKey

_FORMAT = 1
_HEAD = struct.Struct(">BQQ")
_SECRET_BYTES = 24
_TAG_BYTES = 16
_BYTES = _HEAD.size + _SECRET_BYTES + _TAG_BYTES
_LONGEST = 200


class PresentedToken(NamedTuple):
    """A token that we made: for whose family, and what is kept of it."""

    owner_id: int
    family_id: int
    text: str

    @property
    def hash(self) -> bytes:
        return hash_of(self.text)


class RefreshTokens:
    """A token is a format, its owner and family, 24 secret bytes, and a tag that says that we made it.

    So a made-up token is told from one that was good before, and only the latter ends its family.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys.derive("refresh-token")

    def first(self, owner_id: int, family_id: int) -> str:
        """The first one of a family."""
        return _written(self._keys[0], owner_id, family_id, secrets.token_bytes(_SECRET_BYTES))

    def read(self, text: str) -> PresentedToken | None:
        """What an app sent; None when we never made it."""
        try:
            data = urlsafe_b64decode(text.encode("ascii")) if len(text) <= _LONGEST else b""
        except ValueError:
            return None
        if len(data) != _BYTES or urlsafe_b64encode(data).decode() != text:
            return None
        number, owner_id, family_id = _HEAD.unpack_from(data)
        tags = [_tag(key, data[:-_TAG_BYTES]) for key in self._keys]
        ours = [hmac.compare_digest(tag, data[-_TAG_BYTES:]) for tag in tags]
        return PresentedToken(owner_id, family_id, text) if number == _FORMAT and any(ours) else None

    def successors(self, presented: PresentedToken) -> list[str]:
        """What comes after a token, under each key, the one to give out first.

        It follows from the token, so whoever repeats a request whose answer was lost gets the same.
        """
        found: list[str] = []
        for key in self._keys:
            secret = hmac.digest(key.secret, b"successor" + presented.text.encode(), "sha256")[:_SECRET_BYTES]
            found.append(_written(key, presented.owner_id, presented.family_id, secret))
        return found


def hash_of(text: str) -> bytes:
    """What is kept of a token. It is random enough to need no slow hash."""
    return hashlib.sha256(text.encode()).digest()


def _written(key: SecretKey, owner_id: int, family_id: int, secret: bytes) -> str:
    data = _HEAD.pack(_FORMAT, owner_id, family_id) + secret
    return urlsafe_b64encode(data + _tag(key, data)).decode()


def _tag(key: SecretKey, data: bytes) -> bytes:
    return hmac.digest(key.secret, data, "sha256")[:_TAG_BYTES]
