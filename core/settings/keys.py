"""Settings of the key ring."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.keys import KeyRing
from core.settings.area import Area

DEV_SECRET_KEYS = "dev:not-a-secret-for-development-only-0000"  # noqa: S105 - public, and rejected in production


@dataclass(frozen=True, kw_only=True, repr=False)
class KeySettings(Area):
    """The secrets that sign, encrypt and hash."""

    title: ClassVar[str] = "Secret keys"

    secret_keys: Annotated[
        str,
        Meta(
            description="`id:secret[,id:secret…]`, with secrets of at least 32 bytes. The first key signs and "
            "encrypts. All keys verify and decrypt. See [Rotating a key](#rotating-a-key)."
        ),
    ] = DEV_SECRET_KEYS
    retired_keys: Annotated[
        str,
        Meta(
            description="Rotated keys, in the same format. They only verify earlier entries of the audit trail. They "
            "do not sign, encrypt or decrypt."
        ),
    ] = ""

    def check(self) -> None:
        KeyRing(self.secret_keys, self.retired_keys)

    @property
    def has_default_secret(self) -> bool:
        """True if one of the keys has the public secret of development."""
        return DEV_SECRET_KEYS.partition(":")[2] in f"{self.secret_keys},{self.retired_keys}"
