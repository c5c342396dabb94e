"""Everything that can be set, from the environment, checked once at the start.

The fields of `Settings` are the one list of them: `core/environment.py` reads them, and `docs/settings.md` is generated
from it.
"""

from typing import Annotated, Literal

from msgspec import Meta

from core.apps import read_apps, read_trust_modes
from core.data_settings import DEV_SECRET_KEYS, DataSettings
from core.errors import SettingsError
from core.keys import KeyRing
from core.networks import read_networks
from core.origins import read_origins


class Settings(DataSettings, frozen=True, kw_only=True):
    """The settings of one process. Field `x` is the environment's `BFF_X`; `port` is `PORT`."""

    metrics: Annotated[
        bool, Meta(description="Whether `/metrics` is served, for Prometheus. Keep the public from it at the proxy.")
    ] = False
    cors_origins: Annotated[
        str,
        Meta(
            description="Origins whose pages may ask, like `https://app.example,http://localhost:3000`, or "
            "`capacitor://localhost` for apps in a web view; `*` for all, which then ask without cookies. With "
            "`BFF_ENV=dev`, pages of `localhost` may ask too. The log names an origin that is refused."
        ),
    ] = ""
    max_batch: Annotated[
        int, Meta(ge=1, le=1000, description="Operations that a request may have; with 1, arrays are refused.")
    ] = 1
    max_tokens: Annotated[
        int,
        Meta(ge=100, le=100_000, description="Words and signs of a document that is not registered, and its lines."),
    ] = 2500
    max_depth: Annotated[
        int, Meta(ge=1, le=100, description="Fields within each other in a document that is not registered.")
    ] = 20
    max_fields: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description="Fields of a document that is not registered, or values of arguments; fragments count again.",
        ),
    ] = 1000
    max_aliases: Annotated[int, Meta(ge=0, le=100_000, description="Fields with an alias among them.")] = 100
    max_directives: Annotated[int, Meta(ge=0, le=100_000, description="Directives on all of them.")] = 200
    max_root_fields: Annotated[
        int, Meta(ge=1, le=10_000, description="Fields at the top of an operation that is not registered.")
    ] = 50
    max_upload_bytes: Annotated[
        int,
        Meta(
            ge=0,
            le=1024 * 1024 * 1024,
            description="Length that a form with files may have, where the schema takes files; with 0, none is taken.",
        ),
    ] = 0
    socket_init_seconds: Annotated[
        float, Meta(gt=0, le=300, description="Seconds that a WebSocket has to send `connection_init`.")
    ] = 10.0
    socket_operations: Annotated[
        int, Meta(ge=1, le=10_000, description="Operations that may run at the same time over one WebSocket.")
    ] = 100
    heartbeat_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=300,
            description="After so many seconds of silence an open stream or WebSocket says that it is alive. Keep it "
            "below the idle timeout of every proxy.",
        ),
    ] = 20.0
    slow_client_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=600,
            description="A client is cut off that brings less than 16 KiB of its request in so many seconds, or takes "
            "nothing of its answer; after twice as many at the latest.",
        ),
    ] = 15.0
    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8000
    child_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=3600,
            description="Seconds that a process of `bff serve --workers` may take to start, or to answer its parent, "
            "before it is replaced.",
        ),
    ] = 60
    graphiql: Annotated[bool, Meta(description="Whether browsers that open `/graphql` get GraphiQL.")] = True
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Meta(description="The least severe lines that are logged.")
    ] = "INFO"
    log_format: Annotated[
        Literal["auto", "json", "text"],
        Meta(description="`json`: one object a line; `text`: readable lines; `auto`: `json` in production only."),
    ] = "auto"

    @property
    def readable_log(self) -> bool:
        return self.log_format == "text" or (self.log_format == "auto" and self.env == "dev")

    def __repr__(self) -> str:
        """Nothing of the values, since some are secret."""
        return f"Settings(env={self.env!r})"

    def __post_init__(self) -> None:
        KeyRing(self.secret_keys, self.retired_keys)
        read_networks("BFF_TRUSTED_PROXIES", self.trusted_proxies)
        read_origins("BFF_CORS_ORIGINS", self.cors_origins)
        read_apps("BFF_APPS", self.apps)
        read_trust_modes("BFF_TRUSTED_DOCUMENTS", self.trusted_documents)
        if self.env == "production" and DEV_SECRET_KEYS.partition(":")[2] in f"{self.secret_keys},{self.retired_keys}":
            raise SettingsError(
                "BFF_SECRET_KEYS: production needs secrets of its own, the default one is public; "
                "'bff keys generate' makes one"
            )
