"""Executes the events of subscribers, and sends the results."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import orjson

from core.errors import Unavailable
from core.viewer import SignedIn
from gateway.callers.caller import Caller
from gateway.errors.graphql_errors import describe_failure
from gateway.execution.operation import Operation
from gateway.execution.operations import LiveSource, Operations, execute_event
from gateway.execution.results import format_result
from gateway.live.subscribed_operations import SubscribedOperations
from gateway.live.subscription import LiveSubscription, ResultBatch, Target
from loaders import Loaders
from schema.context import Context, shared_loaders
from services.live import Delivery
from services.live.events import PayloadRow
from services.resources import Resources

T = TypeVar("T")

_RETRY_SECONDS = 1.0
_PART = 500
"""The maximum of deliveries that share loaders. An execution takes about 12 KB until its result is sent."""

_CONCURRENT_READS = 8
"""The maximum of statements that run at the same time for single viewers, so that requests find connections."""


class LiveDeliveries:
    """Receives the payloads of all subscribers of a process.

    Payloads for subscribers of the same stream, operation and visibility are executed and serialized once. Payloads
    that arrive together share loaders, so that one statement reads the rows of one type for up to 500 deliveries.
    """

    def __init__(self, operations: Operations) -> None:
        self.operations = operations
        self._prepared = SubscribedOperations()
        self._slots = asyncio.Semaphore(_CONCURRENT_READS)
        self._tasks = set[asyncio.Task[None]]()

    def open(
        self, source: LiveSource, operation: Operation, caller: Caller, resources: Resources, target: Target
    ) -> LiveSubscription:
        """Returns a subscription. It receives nothing before its `start` is called."""
        prepared = self._prepared.get(operation, source.executor)
        return LiveSubscription(source.subscriber, prepared, caller, resources, target)

    def receive(self, deliveries: Sequence[Delivery]) -> None:
        task = asyncio.create_task(self._deliver_all(deliveries))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends deliveries that are still being executed."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _deliver_all(self, deliveries: Sequence[Delivery]) -> None:
        subscription: LiveSubscription = deliveries[0].subscribers[0].subscription
        for start in range(0, len(deliveries), _PART):
            loaders = shared_loaders(subscription.resources)
            part = deliveries[start : start + _PART]
            await asyncio.gather(*(self._deliver(delivery, loaders) for delivery in part))

    async def _deliver(self, delivery: Delivery, loaders: Loaders) -> None:
        subscriptions: list[LiveSubscription] = [subscriber.subscription for subscriber in delivery.subscribers]
        try:
            groups = await _retried(lambda loaders: _groups(subscriptions, loaders), subscriptions, loaders)
        except Exception as error:  # noqa: BLE001 - it is described to the clients, and logged if it is unexpected
            _fail(subscriptions, error)
            return
        await asyncio.gather(*(self._deliver_to(group, delivery.payloads, loaders) for group in groups or ()))

    async def _deliver_to(
        self, group: Sequence[LiveSubscription], payloads: Sequence[PayloadRow], loaders: Loaders
    ) -> None:
        """Executes payloads for the first subscription of a group, and sends the results to all."""
        try:
            slots = self._slots
            results = await _retried(lambda loaders: _execute_all(group[0], payloads, loaders, slots), group, loaders)
        except Exception as error:  # noqa: BLE001 - as above
            _fail(group, error)
            return
        batch = ResultBatch(results or (), [payload["cursor"] for payload in payloads])
        for subscription in _open(group):
            sink, subscription_id = subscription.target
            sink.push(subscription_id, batch)
            sink.when_written(subscription.subscriber.proceed)


async def _retried(
    step: Callable[[Loaders], Awaitable[T]], subscriptions: Sequence[LiveSubscription], loaders: Loaders
) -> T | None:
    """Returns the result of a step, which is repeated while the database does not answer.

    So no event is delivered without its rows. Returns None when all subscriptions were closed meanwhile.
    """
    while _open(subscriptions):
        try:
            return await step(loaders)
        except Unavailable:
            await asyncio.sleep(_RETRY_SECONDS)
            loaders = shared_loaders(subscriptions[0].resources)
    return None


async def _execute_all(
    subscription: LiveSubscription, payloads: Sequence[PayloadRow], loaders: Loaders, slots: asyncio.Semaphore
) -> list[bytes]:
    """Returns the results of payloads for a subscription, as JSON. Raises `Unavailable` if the database is away."""
    executions = [_execute(subscription, payload, loaders, slots) for payload in payloads]
    return await asyncio.gather(*executions) if len(executions) > 1 else [await executions[0]]


async def _execute(
    subscription: LiveSubscription, payload: PayloadRow, loaders: Loaders, slots: asyncio.Semaphore
) -> bytes:
    resources, caller = subscription.resources, subscription.caller
    execution: Any = subscription.prepared.executor.build_per_event_executor(payload)
    execution.context_value = Context(resources, caller.viewer, caller.address, shared_loaders=loaders, slots=slots)
    result = await execute_event(execution)
    for error in result.errors or ():
        if isinstance(error.original_error, Unavailable):
            raise error.original_error
    return orjson.dumps(format_result(result))


async def _groups(subscriptions: Sequence[LiveSubscription], loaders: Loaders) -> list[list[LiveSubscription]]:
    """Returns subscriptions in groups that receive the same results."""
    if len(subscriptions) == 1:
        return [list(subscriptions)]
    blocking = await _viewers_with_blocks(subscriptions, loaders)
    groups: dict[object, list[LiveSubscription]] = {}
    for subscription in subscriptions:
        viewer, prepared = subscription.caller.viewer, subscription.prepared
        is_shared = prepared.is_shareable and isinstance(viewer, SignedIn) and viewer.user_id not in blocking
        groups.setdefault((id(prepared), None if is_shared else viewer), []).append(subscription)
    return list(groups.values())


async def _viewers_with_blocks(subscriptions: Sequence[LiveSubscription], loaders: Loaders) -> set[int]:
    """Returns the viewers who block a user or are blocked by one. Results may differ for them."""
    viewers = {
        subscription.subscriber.viewer_id for subscription in subscriptions if subscription.prepared.is_shareable
    }
    user_ids = sorted(viewers)
    rows = await loaders.load_level("blocks_by_owner", user_ids) if user_ids else []
    return {user_id for user_id, blocks in zip(user_ids, rows, strict=True) if blocks}


def _open(subscriptions: Sequence[LiveSubscription]) -> list[LiveSubscription]:
    """Returns the subscriptions that were not closed while their payloads were executed. Their ids may be in use."""
    return [subscription for subscription in subscriptions if not subscription.subscriber.is_closed]


def _fail(subscriptions: Sequence[LiveSubscription], error: Exception) -> None:
    errors = [describe_failure(error)]
    for subscription in _open(subscriptions):
        subscription.subscriber.close()
        subscription.target.sink.fail(subscription.target.subscription_id, errors)
