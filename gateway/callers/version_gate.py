"""Decides which versions of apps are served."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from core.app_versions import ReleaseVersion, read_store_urls, read_version, read_versions
from core.client import Client
from core.errors import AppUpgradeRequired
from core.settings import Settings


class _Limit(NamedTuple):
    text: str
    version: ReleaseVersion


class VersionGate:
    """Rejects versions of apps that are older than the minimum, and recommends newer ones.

    Serves clients without name or version, and versions that cannot be read, such as those of development builds.
    """

    def __init__(self, minimums: Mapping[str, str], recommended: Mapping[str, str], stores: Mapping[str, str]) -> None:
        self._minimums = _limits(minimums)
        self._recommended = _limits(recommended)
        self._stores = stores
        self._verdict = lru_cache(maxsize=1024)(self._decide)
        self.rejected = dict.fromkeys(minimums, 0)
        """The number of rejected requests of each app that has a minimum."""

    @classmethod
    def of(cls, settings: Settings) -> "VersionGate | None":
        """Returns None if the settings name no version."""
        if not settings.min_versions and not settings.recommended_versions:
            return None
        return cls(
            read_versions("BFF_MIN_VERSIONS", settings.min_versions),
            read_versions("BFF_RECOMMENDED_VERSIONS", settings.recommended_versions),
            read_store_urls("BFF_STORE_URLS", settings.store_urls),
        )

    def check(self, client: Client) -> bytes | None:
        """Returns the value of the header `App-Upgrade` if a newer version is recommended.

        Raises `AppUpgradeRequired`, and counts the request, if the version is too old.
        """
        verdict = self._verdict(client.app, client.version)
        if isinstance(verdict, str):
            self.rejected[client.app] += 1
            raise AppUpgradeRequired(client.version, verdict, self._stores.get(client.app, ""))
        return verdict

    def _decide(self, app: str, text: str) -> str | bytes | None:
        """Returns the minimum if a version is too old, or the value of the header, or None."""
        version = read_version(text)
        if version is None:
            return None
        minimum, recommended = self._minimums.get(app), self._recommended.get(app)
        if minimum is not None and version < minimum.version:
            return minimum.text
        if recommended is not None and version < recommended.version:
            store = f'; store="{self._stores[app]}"' if app in self._stores else ""
            return f'recommended; version="{recommended.text}"{store}'.encode()
        return None


def _limits(texts: Mapping[str, str]) -> Mapping[str, _Limit]:
    versions = {app: (text, read_version(text)) for app, text in texts.items()}
    return {app: _Limit(text, version) for app, (text, version) in versions.items() if version is not None}
