"""Settings of persisted queries and registered documents."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from core.apps import read_apps, read_trust_modes
from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class DocumentSettings(Area):
    """The key-value cache of persisted queries, the names of apps, and the mode of trusted documents."""

    title: ClassVar[str] = "Documents"

    apq: Annotated[
        Literal["on", "off"],
        Meta(description="Whether a client may send the hash of a document that it has sent before (APQ)."),
    ] = "on"
    apq_url: Annotated[
        str,
        Meta(
            description="Cache of persisted queries. `redis://…` or `redis+cluster://…` shares it among all processes. "
            "When empty, each process has its own cache."
        ),
    ] = ""
    apq_name: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9-]{1,40}\Z", description="Prefix of the cache keys, for deployments that share a Redis."
        ),
    ] = "bff"
    trusted_documents: Annotated[
        str,
        Meta(
            description="Treatment of documents that no app has registered: `off` executes them, `report` executes and "
            "logs them, `enforce` rejects them. `enforce,web=report` sets another mode for the app `web`. A client "
            "chooses its app by the name that it sends, and so its mode."
        ),
    ] = "off"
    apps: Annotated[
        str,
        Meta(
            description="Names of apps whose clients send another name, such as "
            "`ios=com.example.app-apollo-ios,android=com.example.app`. Other apps keep the name that they send."
        ),
    ] = ""

    def check(self) -> None:
        read_apps("BFF_APPS", self.apps)
        read_trust_modes("BFF_TRUSTED_DOCUMENTS", self.trusted_documents)
