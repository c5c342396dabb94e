"""Refresh tokens: opaque to apps, stored as a hash, and valid once."""

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
_MAX_LENGTH = 200


class PresentedToken(NamedTuple):
    """A token that this server has issued: its owner, its family and its text."""

    owner_id: int
    family_id: int
    text: str

    @property
    def hash(self) -> bytes:
        return hash_of(self.text)


class RefreshTokens:
    """A token consists of a format, its owner and family, 24 secret bytes, and a tag that authenticates it.

    So a forged token differs from one that was valid before, and only the latter ends its family.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys.derive("refresh-token")

    def first(self, owner_id: int, family_id: int) -> str:
        """Returns the first token of a family."""
        return _encoded(self._keys[0], owner_id, family_id, secrets.token_bytes(_SECRET_BYTES))

    def read(self, text: str) -> PresentedToken | None:
        """Decodes a token that an app sent. Returns None if this server has not issued it."""
        try:
            data = urlsafe_b64decode(text.encode("ascii")) if len(text) <= _MAX_LENGTH else b""
        except ValueError:
            return None
        if len(data) != _BYTES or urlsafe_b64encode(data).decode() != text:
            return None
        number, owner_id, family_id = _HEAD.unpack_from(data)
        tags = [_tag(key, data[:-_TAG_BYTES]) for key in self._keys]
        matches = [hmac.compare_digest(tag, data[-_TAG_BYTES:]) for tag in tags]
        return PresentedToken(owner_id, family_id, text) if number == _FORMAT and any(matches) else None

    def successors(self, presented: PresentedToken) -> list[str]:
        """Returns the successor of a token under each key; the first one is issued.

        The successor is derived from the token, so a client that repeats a request whose response was lost gets the
        same one.
        """
        tokens: list[str] = []
        for key in self._keys:
            secret = hmac.digest(key.secret, b"successor" + presented.text.encode(), "sha256")[:_SECRET_BYTES]
            tokens.append(_encoded(key, presented.owner_id, presented.family_id, secret))
        return tokens


def hash_of(text: str) -> bytes:
    """Returns the stored hash of a token. A token is random enough to need no slow hash."""
    return hashlib.sha256(text.encode()).digest()


def _encoded(key: SecretKey, owner_id: int, family_id: int, secret: bytes) -> str:
    data = _HEAD.pack(_FORMAT, owner_id, family_id) + secret
    return urlsafe_b64encode(data + _tag(key, data)).decode()


def _tag(key: SecretKey, data: bytes) -> bytes:
    return hmac.digest(key.secret, data, "sha256")[:_TAG_BYTES]
