"""The base of the areas of settings."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, repr=False)
class Area:
    """Settings that belong together. Each field has a type, limits, a default and a description."""

    title: ClassVar[str]
    """The heading of the area in `docs/settings.md`."""

    def check(self) -> None:
        """Raises `SettingsError` for a value that its type permits and that is wrong."""
