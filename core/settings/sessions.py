"""Settings of sessions and passwords."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class SessionSettings(Area):
    """Lifetimes of tokens, and the concurrency of password checks."""

    title: ClassVar[str] = "Sessions"

    access_token_seconds: Annotated[
        int, Meta(ge=60, le=3600, description="Lifetime of an access token, in seconds.")
    ] = 900
    refresh_token_days: Annotated[
        int, Meta(ge=1, le=400, description="Lifetime of a session without use, in days.")
    ] = 90
    password_threads: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            description="Maximum concurrent password checks. Each takes 19 MiB and about 30 ms of CPU time.",
        ),
    ] = 2
