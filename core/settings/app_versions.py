"""Settings of the versions of apps that are served."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.app_versions import check_recommended, read_store_urls, read_versions
from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class AppVersionSettings(Area):
    """The oldest versions of apps that are served, the recommended ones, and where users get them."""

    title: ClassVar[str] = "App versions"

    min_versions: Annotated[
        str,
        Meta(
            description="Oldest version of each app that is served, such as `ios=4.2.0,android=4.2.0`. Requests of "
            "older ones get [APP_UPGRADE_REQUIRED](errors/APP_UPGRADE_REQUIRED.md). Apps are named as by `BFF_APPS`. "
            "Other apps, and clients that send no version, are served."
        ),
    ] = ""
    recommended_versions: Annotated[
        str,
        Meta(
            description="Recommended version of each app, in the same form. Responses to older ones have the header "
            "`App-Upgrade` ([app versions](production.md#app-versions))."
        ),
    ] = ""
    store_urls: Annotated[
        str,
        Meta(
            description="Pages where users get a new version of each app, such as "
            "`ios=https://apps.apple.com/app/id1,android=https://play.google.com/store/apps/details?id=com.example`. "
            "Write a comma in an address as `%2C`."
        ),
    ] = ""

    def check(self) -> None:
        minimums = read_versions("BFF_MIN_VERSIONS", self.min_versions)
        check_recommended(minimums, read_versions("BFF_RECOMMENDED_VERSIONS", self.recommended_versions))
        read_store_urls("BFF_STORE_URLS", self.store_urls)
