"""Settings of the HTTP server."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from core.networks import read_networks
from core.origins import read_origins
from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class ServerSettings(Area):
    """The listening address, the clients in front of it, and the kind of deployment."""

    title: ClassVar[str] = "Server"

    env: Annotated[
        Literal["dev", "production"],
        Meta(
            description="Kind of deployment. `production` rejects the default secret key, demo users and `bff token`."
        ),
    ] = "dev"
    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on. 0 selects a free port.")] = 8000
    child_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=3600,
            description="Maximum seconds for a process of `bff serve --workers` to start, or to answer the health "
            "check of its parent. After that the parent replaces the process.",
        ),
    ] = 60
    leave_seconds: Annotated[
        float,
        Meta(
            ge=0,
            le=600,
            description="Seconds for which a server that received SIGTERM serves on, while `/readyz` responds with 503 "
            "and each response closes its connection, so that load balancers send it no more requests. Set it above "
            "the time after which they notice: the interval of their checks times the failures that they wait for. A "
            "second signal ends it. With 0 the server stops at once.",
        ),
    ] = 0.0
    trusted_proxies: Annotated[
        str,
        Meta(
            description="Networks of trusted proxies, such as `10.0.0.0/8,::1`. The server uses `X-Forwarded-For` only "
            "from these networks. All clients behind an unlisted proxy share the rate limits of its address."
        ),
    ] = ""
    cors_origins: Annotated[
        str,
        Meta(
            description="Origins whose pages may send requests, such as `https://app.example,http://localhost:3000`, "
            "or `capacitor://localhost` for apps in a web view. `*` permits all origins, without cookies. With "
            "`BFF_ENV=dev`, pages of `localhost` are permitted too. The server logs each rejected origin."
        ),
    ] = ""
    graphiql: Annotated[
        bool,
        Meta(
            description="Whether browsers that open `/graphql` receive GraphiQL. With `BFF_ENV=production` they do not."
        ),
    ] = True
    introspection: Annotated[
        Literal["closed", "signed-in"],
        Meta(
            description="Which callers may read the schema with `BFF_ENV=production`: none, or those with an access "
            "token. This concerns introspection, `/schema.graphql` and suggestions in error messages "
            "([the production profile](production.md)). With `BFF_ENV=dev` all callers may."
        ),
    ] = "closed"
    slow_client_seconds: Annotated[
        float,
        Meta(
            gt=0,
            le=600,
            description="The server disconnects a client that sends less than 16 KiB of its request in this many "
            "seconds, or receives nothing of its response. Detection takes at most twice as long.",
        ),
    ] = 15.0

    def check(self) -> None:
        read_networks("BFF_TRUSTED_PROXIES", self.trusted_proxies)
        read_origins("BFF_CORS_ORIGINS", self.cors_origins)
