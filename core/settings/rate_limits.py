"""Settings of rate limits."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from core.rates import read_rate
from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class RateLimitSettings(Area):
    """The engine URL of the rate limiter, and the limits of requests, of signing in and of signing up."""

    title: ClassVar[str] = "Rate limits"

    limits_url: Annotated[
        str,
        Meta(
            description="Rate limiter. `redis://…` or `redis+cluster://…` counts requests and attempts of all "
            "processes together. When empty, each process counts its own."
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
    ] = 0.06
    rates: Annotated[
        Literal["auto", "on", "off"],
        Meta(
            description="Whether the rates of requests are limited ([rate limits](rate-limits.md)). `auto` is `on` in "
            "production."
        ),
    ] = "auto"
    rate_reads: Annotated[
        str,
        Meta(
            description="Cost of queries and of the events of subscriptions that is admitted per user, device and "
            "client address, and the seconds in which the quotas fill up. A quota of 0, or one that is left out, does "
            "not limit. `0` alone switches the class off."
        ),
    ] = "user=60000,device=40000,address=1000000,seconds=60"
    rate_writes: Annotated[str, Meta(description="The same for mutations that belong to no other class.")] = (
        "user=6000,device=4000,address=100000,seconds=60"
    )
    rate_sign_in: Annotated[
        str, Meta(description="The same for mutations that check a password or create, renew or end a session.")
    ] = "user=6000,device=6000,address=100000,seconds=60"
    rate_money: Annotated[
        str, Meta(description="The same for mutations that move money or call the payment provider.")
    ] = "user=10000,device=6000,address=100000,seconds=60"
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

    def check(self) -> None:
        for name in RATE_SETTINGS:
            read_rate(f"BFF_{name.upper()}", getattr(self, name))


RATE_SETTINGS = ("rate_reads", "rate_writes", "rate_sign_in", "rate_money")
"""The settings of the classes of operations, in the order of `RateClass` of the schema."""
