"""Records every response that the clients of a drill get, with its time."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from httpx2 import AsyncClient, Response

NO_RESPONSE = "no response"
OK = "ok"
SLOW_SECONDS = 2.0
"""A response that takes longer counts as disturbed."""

_ENOUGH = 5
_PATIENCE = 150.0
_RETRYABLE_PROBLEMS = {"UNAVAILABLE", "IDEMPOTENCY_IN_PROGRESS"}


class Exchange(NamedTuple):
    """A request with its times in seconds since the epoch, and the code of its first error, or `OK`."""

    begun: float
    ended: float
    is_write: bool
    code: str
    is_retryable: bool

    @property
    def is_disturbed(self) -> bool:
        return self.code != OK or self.ended - self.begun > SLOW_SECONDS


@dataclass
class Record:
    """Holds all exchanges. `sent` and `acknowledged` have the first times of each idempotency key."""

    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    sent: dict[str, float] = field(default_factory=dict[str, float])
    acknowledged: dict[str, float] = field(default_factory=dict[str, float])

    def add(self, exchange: Exchange, key: str | None) -> None:
        self.exchanges.append(exchange)
        if key is not None:
            self.sent[key] = min(exchange.begun, self.sent.get(key, exchange.begun))
            if exchange.code == OK:
                self.acknowledged.setdefault(key, exchange.ended)

    def since(self, moment: float) -> list[Exchange]:
        """Returns the exchanges that ended after a moment."""
        return [exchange for exchange in self.exchanges if exchange.ended >= moment]

    async def until_steady(self, since: float, quiet: float) -> None:
        """Waits until `quiet` seconds have had reads and writes, and no exchange that is disturbed."""
        async with asyncio.timeout(_PATIENCE):
            while not self._is_steady(since, quiet):  # noqa: ASYNC110 - clients change it
                await asyncio.sleep(0.05)

    def _is_steady(self, since: float, quiet: float) -> bool:
        now = time.time()
        if now < since + quiet:
            return False
        recent = self.since(now - quiet)
        enough = all(sum(each.is_write is kind for each in recent) >= _ENOUGH for kind in (True, False))
        return enough and not any(each.is_disturbed for each in recent)


class Seen(NamedTuple):
    """The experience of the clients since a failure, with times in seconds after it."""

    requests: int
    errors: Counter[str]
    final_errors: Counter[str]
    """Errors that a client must not retry."""
    first_read: float
    first_write: float
    steady: float


def seen(exchanges: Iterable[Exchange], failure: float) -> Seen:
    """Returns what clients saw in exchanges that ended after a failure."""
    found = list(exchanges)
    failed = [each for each in found if each.code != OK]

    def first(is_write: bool) -> float:  # noqa: FBT001 - it is the kind of an exchange
        ended = [e.ended for e in found if e.code == OK and e.is_write is is_write and e.begun >= failure]
        return min(ended, default=float("inf")) - failure

    return Seen(
        len(found),
        Counter(each.code for each in failed),
        Counter(each.code for each in failed if not each.is_retryable),
        first(is_write=False),
        first(is_write=True),
        max((each.ended - failure for each in found if each.is_disturbed), default=0.0),
    )


class RecordingClient(AsyncClient):
    """Sends requests like any client, and records them."""

    def __init__(self, record: Record, clock: Callable[[], float] = time.time, **options: Any) -> None:
        super().__init__(**options)
        self._record = record
        self._clock = clock

    async def post(self, *arguments: Any, **options: Any) -> Response:
        body: dict[str, Any] = options.get("json", {})
        variables: dict[str, Any] = body.get("variables") or {}
        given: dict[str, Any] = variables.get("input") or {}
        key: str | None = given.get("idempotencyKey")
        is_write = body.get("query", "").lstrip().startswith("mutation")
        begun, outcome = self._clock(), (NO_RESPONSE, True)
        try:
            response = await super().post(*arguments, **options)
            outcome = outcome_of(response)
            return response
        finally:
            self._record.add(Exchange(begun, self._clock(), is_write, *outcome), key)


def outcome_of(response: Response) -> tuple[str, bool]:
    """Returns the code of a response, and whether the request may be repeated."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return f"status {response.status_code} without JSON", False
    for error in body.get("errors") or ():
        extensions: dict[str, Any] = error.get("extensions") or {}
        return str(extensions.get("code", "none")), extensions.get("retryable") is True
    data: dict[str, Any] = body.get("data") or {}
    for result in data.values():
        code = cast("dict[str, Any]", result).get("code") if isinstance(result, dict) else None
        if code in _RETRYABLE_PROBLEMS:
            return f"{code} as a problem", True
    return OK, True
