"""The faults of the sandbox's server."""

import random
from typing import Annotated

import msgspec
from msgspec import Meta

from adapters.payments.base import ChargeState

Probability = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=600)]

_REORDER_SECONDS = 1.0


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Probabilities of what goes wrong with a call or a webhook, and times in seconds."""

    decline: Probability = 0.0
    """A new charge is declined."""
    confirm_step: Probability = 0.0
    """A new charge waits for its confirmation."""
    error: Probability = 0.0
    """A call does nothing and is answered with status 500."""
    timeout_before: Probability = 0.0
    """A call does nothing and is not answered."""
    timeout_after: Probability = 0.0
    """A call does what it should and is not answered."""
    delay_seconds: Seconds = 0.0
    """The time before each call."""
    hang_seconds: Seconds = 30.0
    """The time after which a call that is not answered ends with status 504."""
    webhook_drop: Probability = 0.0
    """A webhook is not sent."""
    webhook_duplicate: Probability = 0.0
    """A webhook is sent twice."""
    webhook_delay_seconds: Seconds = 0.0
    """The maximum time before a webhook is sent. It is random, so webhooks overtake each other."""
    webhook_reorder: Probability = 0.0
    """A webhook is sent a second later, after those that follow it."""


class FaultChoice:
    """Decides at random which faults occur. The same seed and the same calls give the same faults."""

    def __init__(self, seed: int) -> None:
        self.faults = Faults()
        self._random = random.Random(seed)  # noqa: S311 - not for secrets

    def occurs(self, probability: float) -> bool:
        """Returns True with a probability."""
        return self._random.random() < probability

    def state(self) -> ChargeState | None:
        """Returns the state that a new charge is forced to have, if any."""
        if self.occurs(self.faults.decline):
            return ChargeState.DECLINED
        return ChargeState.REQUIRES_ACTION if self.occurs(self.faults.confirm_step) else None

    def webhook_delay(self) -> float:
        """Returns the seconds before a webhook is sent."""
        late = _REORDER_SECONDS if self.occurs(self.faults.webhook_reorder) else 0.0
        return self._random.uniform(0, self.faults.webhook_delay_seconds) + late
