"""One subscription of a client to event streams."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from gateway.callers.caller import Caller
from gateway.live.subscribed_operations import SubscribedOperation
from services.live import Receiver, Subscriber
from services.resources import Resources


class ResultBatch:
    """Results of successive events as JSON, and the cursor after each, for subscriptions that receive the same."""

    __slots__ = ("cost", "cursors", "payloads", "written")

    def __init__(self, payloads: Sequence[bytes], cursors: Sequence[str], cost: int = 0) -> None:
        self.payloads = payloads
        self.cost = cost
        """The cost of these results for each subscriber."""
        self.cursors = cursors
        self.written: dict[str, Any] = {}
        """The serialized form for each subscription id, which a transport reuses. Many clients choose the same ids."""


class Sink(Protocol):
    """Sends results to a client, without waiting."""

    def push(self, subscription_id: str, batch: ResultBatch) -> None:
        """Sends results."""
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
    """A subscriber, its operation, and the target of its results."""

    __slots__ = ("caller", "operation", "resources", "subscriber", "target")

    def __init__(
        self,
        subscriber: Subscriber,
        operation: SubscribedOperation,
        caller: Caller,
        resources: Resources,
        target: Target,
    ) -> None:
        self.subscriber = subscriber
        self.operation = operation
        self.caller = caller
        self.resources = resources
        self.target = target

    def start(self, receiver: Receiver) -> None:
        """Begins to deliver."""
        self.subscriber.attach(receiver, self)

    def cancel(self) -> bool:
        """Ends the subscription. Returns False: nothing of it continues."""
        self.subscriber.close()
        return False
