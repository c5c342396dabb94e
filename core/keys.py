"""Keys for one purpose each, derived from the secrets of `BFF_SECRET_KEYS`."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import SettingsError

MIN_SECRET_BYTES = 32
_FINGERPRINT = 16
"""Hexadecimals."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """32 bytes for one purpose; `id` names the secret they come from."""

    id: str
    secret: bytes


class KeyRing:
    """The secrets in order of preference: the first one signs and encrypts, all of them verify and decrypt.

    Retired ones only check what the audit trail sealed with them.
    """

    def __init__(self, secret_keys: str, retired_keys: str = "") -> None:
        parsed = _parse_all("BFF_SECRET_KEYS", secret_keys)
        retired = _parse_all("BFF_RETIRED_KEYS", retired_keys)
        self._secrets, self._retired = dict(parsed), dict(retired)
        if len(self._secrets | self._retired) < len(parsed) + len(retired):
            name = "BFF_SECRET_KEYS" if len(self._secrets) < len(parsed) else "BFF_RETIRED_KEYS"
            raise SettingsError(f"{name}: two keys have the same id")
        if not self._secrets:
            raise SettingsError("BFF_SECRET_KEYS: give at least one key as 'id:secret'")
        self.ids = list(self._secrets)
        self.first = self.ids[0]
        self.retired = frozenset(self._retired)

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """By id, what tells a secret from another one and says nothing of it; of retired keys, too."""
        return {key.id: key.secret.hex()[:_FINGERPRINT] for key in self.derive_for_checking("fingerprint")}

    def derive_for_checking(self, purpose: str) -> list[SecretKey]:
        """As `derive`, and of retired keys behind the others."""
        return [*self.derive(purpose), *_derived(self._retired, purpose)]

    def derive(self, purpose: str) -> list[SecretKey]:
        """HKDF-SHA256 (RFC 5869) of each secret, with the purpose as info."""
        return _derived(self._secrets, purpose)


def _derived(secrets: Mapping[str, bytes], purpose: str) -> list[SecretKey]:
    return [
        SecretKey(key_id, HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret))
        for key_id, secret in secrets.items()
    ]


def generate_key(now: datetime) -> str:
    """A new key as `id:secret`: its id has the day and four random digits, its secret 32 random bytes."""
    return f"k{now:%Y%m%d}{secrets.token_hex(2)}:{secrets.token_urlsafe(MIN_SECRET_BYTES)}"


def _parse_all(setting: str, keys: str) -> list[tuple[str, bytes]]:
    return [_parse(setting, item) for item in keys.split(",") if item.strip()]


def _parse(setting: str, item: str) -> tuple[str, bytes]:
    key_id, colon, secret = item.strip().partition(":")
    if not (colon and key_id.isalnum() and len(key_id) <= 16):  # noqa: PLR2004 - said in the message
        raise SettingsError(f"{setting}: write 'id:secret[,id:secret…]', ids of up to 16 letters and digits")
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise SettingsError(f"{setting}: the secret of key '{key_id}' is shorter than {MIN_SECRET_BYTES} bytes")
    return key_id, secret.encode()
