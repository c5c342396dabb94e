"""The key ring: secret keys for one purpose each, derived from the secrets of `BFF_SECRET_KEYS`."""

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
"""The length of a fingerprint in hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A key of 32 bytes for one purpose. `id` names the secret from which it is derived."""

    id: str
    secret: bytes


class KeyRing:
    """The secrets in order of preference. The first one signs and encrypts; all of them verify and decrypt.

    Retired secrets only verify entries of the audit trail that were signed with them.
    """

    def __init__(self, secret_keys: str, retired_keys: str = "") -> None:
        parsed = _parse_all("BFF_SECRET_KEYS", secret_keys)
        retired = _parse_all("BFF_RETIRED_KEYS", retired_keys)
        self._secrets, self._retired = dict(parsed), dict(retired)
        if len(self._secrets | self._retired) < len(parsed) + len(retired):
            name = "BFF_SECRET_KEYS" if len(self._secrets) < len(parsed) else "BFF_RETIRED_KEYS"
            raise SettingsError(f"{name}: two keys have the same id")
        if not self._secrets:
            raise SettingsError("BFF_SECRET_KEYS: must contain at least one key, 'id:secret'")
        self.ids = list(self._secrets)
        self.first = self.ids[0]
        self.retired = frozenset(self._retired)

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """A digest of each secret by id, including retired ones. It does not reveal the secret."""
        return {key.id: key.secret.hex()[:_FINGERPRINT] for key in self.derive_for_checking("fingerprint")}

    def derive_for_checking(self, purpose: str) -> list[SecretKey]:
        """Returns the keys of `derive`, followed by those of retired secrets."""
        return [*self.derive(purpose), *_derived(self._retired, purpose)]

    def derive(self, purpose: str) -> list[SecretKey]:
        """Returns a key for each secret: HKDF-SHA256 (RFC 5869) with the purpose as info."""
        return _derived(self._secrets, purpose)


def _derived(secrets: Mapping[str, bytes], purpose: str) -> list[SecretKey]:
    return [
        SecretKey(key_id, HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret))
        for key_id, secret in secrets.items()
    ]


def generate_key(now: datetime) -> str:
    """Returns a new `id:secret`. The id contains the date and four random digits, the secret 32 random bytes."""
    return f"k{now:%Y%m%d}{secrets.token_hex(2)}:{secrets.token_urlsafe(MIN_SECRET_BYTES)}"


def _parse_all(setting: str, keys: str) -> list[tuple[str, bytes]]:
    return [_parse(setting, item) for item in keys.split(",") if item.strip()]


def _parse(setting: str, item: str) -> tuple[str, bytes]:
    key_id, colon, secret = item.strip().partition(":")
    if not (colon and key_id.isalnum() and len(key_id) <= 16):  # noqa: PLR2004 - the message names it
        raise SettingsError(f"{setting}: must be 'id:secret[,id:secret…]' with ids of up to 16 letters and digits")
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise SettingsError(f"{setting}: the secret of key '{key_id}' is shorter than {MIN_SECRET_BYTES} bytes")
    return key_id, secret.encode()
