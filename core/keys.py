"""Keys for one purpose each, derived from the secrets of `BFF_SECRET_KEYS`."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import SettingsError

MINIMUM_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """32 bytes for one purpose; `id` names the secret they come from."""

    id: str
    secret: bytes


class KeyRing:
    """The secrets in order of preference: the first one signs and encrypts, all of them verify and decrypt."""

    def __init__(self, secret_keys: str) -> None:
        parsed = [_parse(item) for item in secret_keys.split(",") if item.strip()]
        self._secrets = dict(parsed)
        if len(self._secrets) < len(parsed):
            raise SettingsError("BFF_SECRET_KEYS: two keys have the same id")
        if not self._secrets:
            raise SettingsError("BFF_SECRET_KEYS: give at least one key as 'id:secret'")

    def derive(self, purpose: str) -> list[Key]:
        """HKDF-SHA256 (RFC 5869) of each secret, with the purpose as info."""
        return [
            Key(key_id, HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret))
            for key_id, secret in self._secrets.items()
        ]


def _parse(item: str) -> tuple[str, bytes]:
    key_id, colon, secret = item.strip().partition(":")
    if not (colon and key_id.isalnum() and len(key_id) <= 16):  # noqa: PLR2004 - said in the message
        raise SettingsError("BFF_SECRET_KEYS: write 'id:secret[,id:secret…]', ids of up to 16 letters and digits")
    if len(secret.encode()) < MINIMUM_SECRET_BYTES:
        raise SettingsError(
            f"BFF_SECRET_KEYS: the secret of key '{key_id}' is shorter than {MINIMUM_SECRET_BYTES} bytes"
        )
    return key_id, secret.encode()
