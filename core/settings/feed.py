"""Settings of the feed."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from msgspec import Meta

from core.settings.area import Area


@dataclass(frozen=True, kw_only=True, repr=False)
class FeedSettings(Area):
    """Limits of the fan-out of posts."""

    title: ClassVar[str] = "Feed"

    push_followers: Annotated[
        int,
        Meta(
            ge=0,
            le=20_000,
            description="Maximum followers of an author whose posts are written into the feeds of followers. Feeds "
            "read the posts of more popular authors on request.",
        ),
    ] = 2000
    away_days: Annotated[
        int,
        Meta(
            ge=1,
            le=400,
            description="The feed of a user who has not signed in for this many days is not maintained. It is rebuilt "
            "when the user returns.",
        ),
    ] = 28
    feed_length: Annotated[
        int, Meta(ge=100, le=100_000, description="Maximum posts in a stored feed. The newest posts are retained.")
    ] = 1000
