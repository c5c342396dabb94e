"""Personal data at rest: encrypted, and found again by a keyed hash."""

import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.keys import KeyRing

_NONCE_BYTES = 12


class Vault:
    """AES-256-GCM. A sealed text is the key's id, a colon, 12 bytes of nonce, and ciphertext with its tag.

    The owner's id is authenticated with it, so a row's value opens in no other row.
    """

    def __init__(self, keys: KeyRing) -> None:
        encryption = keys.derive("personal-data")
        self._sealing = encryption[0]
        self._opening = {key.id.encode(): AESGCM(key.secret) for key in encryption}
        self._indexing = keys.derive("email-index")

    def seal(self, owner_id: int, text: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._sealing.secret).encrypt(nonce, text.encode(), str(owner_id).encode())
        return self._sealing.id.encode() + b":" + nonce + sealed

    def open(self, owner_id: int, sealed: bytes) -> str:
        key_id, _, data = sealed.partition(b":")
        nonce, ciphertext = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        return self._opening[key_id].decrypt(nonce, ciphertext, str(owner_id).encode()).decode()

    def email_indexes(self, email: str) -> list[str]:
        """HMAC-SHA256 of the address under every key, in hex, the one to store first. Letter case is ignored."""
        address = email.strip().lower().encode(errors="replace")
        return [hmac.digest(key.secret, address, "sha256").hex() for key in self._indexing]
