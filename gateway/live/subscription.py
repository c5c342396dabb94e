"""One subscription of a client to event streams."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from gateway.callers.caller import Caller
from gateway.live.subscribed_operations import SubscribedOperation
from services.live import Follower, Receiver
from services.resources import Resources


class Sink(Protocol):
    """Sends results to a client, without waiting."""

    def push(self, subscription_id: str, payload: bytes, cursor: str) -> None:
        """Sends a result, as JSON."""
        ...

    def fail(self, subscription_id: str, errors: Sequence[Any]) -> None:
        """Ends the subscription with errors."""
        ...

    def when_written(self, callback: Callable[[], None]) -> None:
        """Calls `callback` when the client has taken everything that was pushed: at once, or later."""
        ...


class Target(NamedTuple):
    """A sink, and the id of the subscription there."""

    sink: Sink
    subscription_id: str


class LiveSubscription:
    """A follower, its operation, and the target of its results."""

    __slots__ = ("caller", "follower", "prepared", "resources", "target")

    def __init__(
        self, follower: Follower, prepared: SubscribedOperation, caller: Caller, resources: Resources, target: Target
    ) -> None:
        self.follower = follower
        self.prepared = prepared
        self.caller = caller
        self.resources = resources
        self.target = target

    def start(self, receiver: Receiver) -> None:
        """Begins to deliver."""
        self.follower.attach(receiver, self)

    def cancel(self) -> bool:
        """Ends the subscription. Returns False: nothing of it continues."""
        self.follower.close()
        return False
