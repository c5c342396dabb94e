"""Settings of the response cache."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class ResponseCacheSettings(Area):
    """The store of responses, how old counts in them may be, and the CDN in front of the servers."""

    title: ClassVar[str] = "Response cache"

    cache_url: Annotated[
        str,
        Meta(
            description="Store of cached responses. `redis://…` or `redis+cluster://…` shares it among all servers and "
            "workers; give it a `maxmemory-policy` that evicts, such as `allkeys-lru`. `memory://` is for one process "
            "with an embedded worker: it is the default of `bff dev`. When empty, no response is cached.",
        ),
    ] = ""
    cache_name: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9-]{1,40}\Z", description="Prefix of the cache keys, for deployments that share a Redis."
        ),
    ] = "bff"
    cache_explain: Annotated[
        Literal["auto", "on", "off"],
        Meta(
            description="Whether responses contain `extensions.cache`, which says how they came about, and are not "
            "compressed in the cache. `auto` is `on` in development."
        ),
    ] = "auto"
    cache_max_stale: Annotated[
        int,
        Meta(
            ge=0,
            le=5,
            description="Maximum seconds for which counts of what other users did (likes, comments, followers) may "
            "differ in cached responses. With 0 they are always current.",
        ),
    ] = 5
    cdn_url: Annotated[
        str,
        Meta(
            description="Webhook that purges the CDN, such as `https://purges.example/tags`, or Varnish, such as "
            "`varnish://10.0.0.3:6081`. The relay sends it the cache tags of changes ([caching by "
            "CDNs](caching-http.md)). `log://` logs them. When empty, none are sent."
        ),
    ] = ""
    cdn_token: Annotated[
        str,
        Meta(description="Secret that the webhook or Varnish of `BFF_CDN_URL` receives as `Authorization: Bearer …`."),
    ] = ""
