"""Tokens of links by which the reader of a mail turns off e-mails without signing in."""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

from core.keys import KeyRing, SecretKey

_FORMAT = 1
_HEAD = struct.Struct(">BQ")
_TAG_BYTES = 16
_MAX_LENGTH = 100


class UnsubscribeToken(NamedTuple):
    """The account whose e-mails a token turns off, and the name of what is turned off."""

    owner_id: int
    name: str


class UnsubscribeTokens:
    """A token consists of a format, the account, a name of up to 32 letters, and a tag that authenticates them.

    It contains no address, and does not expire: mails are kept for years. Equal ones are issued with the same key.
    """

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys.derive("unsubscribe-token")

    def issue(self, owner_id: int, name: str) -> str:
        """Returns a token of letters, digits, `-` and `_`."""
        data = _HEAD.pack(_FORMAT, owner_id) + name.encode()
        return _encoded(data + _tag(self._keys[0], data))

    def read(self, text: str) -> UnsubscribeToken | None:
        """Decodes a token. Returns None if no key of the key ring has issued it."""
        padded = text + "=" * (-len(text) % 4)
        try:
            data = urlsafe_b64decode(padded.encode("ascii")) if len(text) <= _MAX_LENGTH else b""
        except ValueError:
            return None
        signed, tag = data[:-_TAG_BYTES], data[-_TAG_BYTES:]
        matches = [hmac.compare_digest(_tag(key, signed), tag) for key in self._keys]
        if not any(matches) or _encoded(data) != text:
            return None
        number, owner_id = _HEAD.unpack_from(signed)
        return UnsubscribeToken(owner_id, signed[_HEAD.size :].decode()) if number == _FORMAT else None


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _tag(key: SecretKey, data: bytes) -> bytes:
    return hmac.digest(key.secret, data, "sha256")[:_TAG_BYTES]
