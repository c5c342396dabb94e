"""Contains messages of tests, and push engines that are open in a block."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.push import APNS, Push, PushMessage, open_push
from core.settings import Settings
from tests.support.timing import DEADLINE

APNS_TOKEN = "0123456789abcdef" * 4
MESSAGE = PushMessage(
    provider=APNS,
    token=APNS_TOKEN,
    title=None,
    body="Ben liked your post.",
    badge=3,
    collapse_key="notification-1",
    link="com.example.app://notifications/notification-1",
    notification_id="notification-1",
)
LAST_SECOND = "Fri, 31 Dec 9999 23:59:59 GMT"
HUGE_OFFSET = f"Mon, 30 Nov 2026 12:01:30 +{'9' * 20}"
"""Times of a header `Retry-After` that exceed the range of times in Python."""


class SetClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 30, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **time: float) -> None:
        self.now += timedelta(**time)


@asynccontextmanager
async def opened_push(url: str, clock: SetClock | None = None, **chosen: Any) -> AsyncGenerator[Push]:
    given: dict[str, Any] = {"push_deadline": DEADLINE, "work_deadline": 2 * DEADLINE}
    push = open_push(Settings(push_url=url, **(given | chosen)), clock or SetClock())
    try:
        yield push
    finally:
        await push.close()
