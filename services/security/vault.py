"""Encryption of personal data at rest, and blind indexes that find it."""

import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core import text
from core.keys import KeyRing, SecretKey

_NONCE_BYTES = 12


class Vault:
    """Seals with AES-256-GCM. A sealed text is the key's id, a colon, 12 bytes of nonce, and ciphertext with its tag.

    The owner's id is authenticated too, so a value cannot be opened in another owner's row.
    """

    def __init__(self, keys: KeyRing) -> None:
        encryption = keys.derive("personal-data")
        self._sealing = encryption[0]
        self._opening = {key.id.encode(): AESGCM(key.secret) for key in encryption}
        self._emails = keys.derive("email-index")
        self._push_tokens = keys.derive("push-token-index")

    def seal(self, owner_id: int, plain: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._sealing.secret).encrypt(nonce, plain.encode(), str(owner_id).encode())
        return self.prefix + nonce + sealed

    @property
    def prefix(self) -> bytes:
        """The prefix of texts that are sealed with the current key."""
        return self._sealing.id.encode() + b":"

    def is_current(self, sealed: bytes) -> bool:
        """Returns whether the text is sealed with the current key."""
        return sealed.startswith(self.prefix)

    def open(self, owner_id: int, sealed: bytes) -> str:
        key_id, _, data = sealed.partition(b":")
        nonce, ciphertext = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        return self._opening[key_id].decrypt(nonce, ciphertext, str(owner_id).encode()).decode()

    def email_indexes(self, email: str) -> list[str]:
        """Returns HMAC-SHA256 of the address under every key, in hex; the first one is stored. See `identifier`."""
        return _indexes(self._emails, text.identifier(email).encode(errors="replace"))

    def push_token_indexes(self, token: str) -> list[str]:
        """Returns the same for a push token, which is not normalized."""
        return _indexes(self._push_tokens, token.encode())


def _indexes(keys: list[SecretKey], plain: bytes) -> list[str]:
    return [hmac.digest(key.secret, plain, "sha256").hex() for key in keys]
