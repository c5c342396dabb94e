"""Settings of rate limits."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class RateLimitSettings(Area):
    """The engine URL of the rate limiter, and the limits of signing in and signing up."""

    title: ClassVar[str] = "Rate limits"

    limits_url: Annotated[
        str,
        Meta(
            description="Rate limiter. `redis://…` or `redis+cluster://…` counts attempts of all processes together. "
            "When empty, each process counts its own."
        ),
    ] = ""
    limits_name: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9-]{1,40}\Z", description="Prefix of the Redis keys, for deployments that share a Redis."
        ),
    ] = "bff"
    limits_deadline: Annotated[
        float,
        Meta(gt=0, le=10, description="Maximum seconds for Redis to answer. After that, the process counts its own."),
    ] = 0.25
    log_in_seconds: Annotated[
        int, Meta(ge=1, le=86400, description="Window of the limits of sign-in attempts, in seconds.")
    ] = 900
    log_in_per_account: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Maximum password checks per account and window.")
    ] = 10
    log_in_per_address: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Maximum sign-in attempts per client address and window.")
    ] = 100
    sign_up_per_address: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Maximum sign-up attempts per client address and hour.")
    ] = 20
    refresh_per_address: Annotated[
        int, Meta(ge=1, le=1_000_000, description="Maximum token refreshes per client address and minute.")
    ] = 60
