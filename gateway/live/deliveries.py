"""Executes the events of subscribers, and sends the results."""

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson

from core.cancellation import raise_if_cancelled
from core.deadlines import without_deadline
from core.errors import Unavailable
from core.tracing import SpanKind, traced
from core.viewer import SignedIn
from gateway.callers.caller import Caller
from gateway.errors.graphql_errors import describe_failure
from gateway.execution.operations import LiveSource, Operations, execute_event
from gateway.execution.results import format_result
from gateway.live.delivery_queue import DeliveryQueue
from gateway.live.subscribed_operations import SubscribedOperations
from gateway.live.subscription import LiveSubscription, ResultBatch, Target
from loaders import Loaders
from schema.context import Context, shared_loaders
from services.live import Delivery
from services.live.events import PayloadRow
from services.resources import Resources

_RETRY_SECONDS = 1.0
_CONCURRENT_PARTS = 4
"""The maximum of parts that are executed at the same time."""

_CONCURRENT_READS = 8
"""The maximum of statements that run at the same time for single viewers, so that requests find connections."""


class LiveDeliveries:
    """Receives the payloads of all subscribers of a process.

    Payloads for subscribers of the same stream, operation and visibility are executed and serialized once. Payloads of
    the same part share loaders, so that one statement reads the rows of one type for all of them.
    """

    def __init__(self, operations: Operations) -> None:
        self.operations = operations
        self._operations_in_use = SubscribedOperations()
        self._slots = asyncio.Semaphore(_CONCURRENT_READS)
        self._new = DeliveryQueue(self._deliver_part, _CONCURRENT_PARTS)
        self._repeated = DeliveryQueue(self._deliver_part, 1)
        """Deliveries whose rows could not be read before. They do not hold up others again."""
        self._pauses = set[asyncio.TimerHandle]()

    def open(self, source: LiveSource, caller: Caller, resources: Resources, target: Target) -> LiveSubscription:
        """Returns a subscription. It receives nothing before its `start` is called."""
        in_use = self._operations_in_use.get(source.executor, source.spending)
        return LiveSubscription(source.subscriber, in_use, caller, resources, target)

    def receive(self, deliveries: Sequence[Delivery]) -> None:
        self._new.add(deliveries)

    async def close(self) -> None:
        """Ends deliveries that are still being executed."""
        await self._new.close()
        await self._repeated.close()
        for pause in self._pauses:
            pause.cancel()

    async def _deliver_part(self, part: Sequence[Delivery]) -> None:
        subscription: LiveSubscription = part[0].subscribers[0].subscription
        loaders = shared_loaders(subscription.resources)
        tracer = subscription.resources.tracer
        with without_deadline(), traced(tracer, "deliver events", SpanKind.CONSUMER, {"bff.deliveries": len(part)}):
            await asyncio.gather(*(self._deliver(delivery, loaders) for delivery in part))

    async def _deliver(self, delivery: Delivery, loaders: Loaders) -> None:
        subscriptions: list[LiveSubscription] = [subscriber.subscription for subscriber in delivery.subscribers]
        try:
            groups = await _groups(_open(subscriptions), loaders)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - clients and the log are told
            self._handle_failure(subscriptions, delivery.payloads, error)
            return
        await asyncio.gather(*(self._deliver_to(group, delivery.payloads, loaders) for group in groups))

    async def _deliver_to(
        self, group: Sequence[LiveSubscription], payloads: Sequence[PayloadRow], loaders: Loaders
    ) -> None:
        """Executes payloads for the first subscription of a group, and sends the results to all."""
        try:
            results = await _execute_all(group[0], payloads, loaders, self._slots)
            cursors = [payload["cursor"] for payload in payloads]
            self._push(group, ResultBatch([result for result, _ in results], cursors, sum(cost for _, cost in results)))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - as above
            self._handle_failure(group, payloads, error)

    def _push(self, group: Sequence[LiveSubscription], batch: ResultBatch) -> None:
        for subscription in _open(group):
            self.operations.spendings.charge(subscription.caller, batch.cost)
            sink, subscription_id = subscription.target
            sink.push(subscription_id, batch)
            sink.when_written(subscription.subscriber.proceed)

    def _handle_failure(
        self, subscriptions: Sequence[LiveSubscription], payloads: Sequence[PayloadRow], error: BaseException
    ) -> None:
        """Delivers again later if rows could not be read, so no event is delivered without them.

        That is so, too, if the statement was cancelled and this task was not. Any other error ends the subscriptions.
        """
        raise_if_cancelled()
        subscriptions = _open(subscriptions)
        if isinstance(error, Exception) and not isinstance(error, Unavailable):
            _end(subscriptions, error)
        else:
            self._repeat_later(Delivery([subscription.subscriber for subscription in subscriptions], payloads))

    def _repeat_later(self, delivery: Delivery) -> None:
        def repeat() -> None:
            self._pauses.discard(pause)
            self._repeated.add([delivery])

        if delivery.subscribers:
            pause = asyncio.get_running_loop().call_later(_RETRY_SECONDS, repeat)
            self._pauses.add(pause)


async def _execute_all(
    subscription: LiveSubscription, payloads: Sequence[PayloadRow], loaders: Loaders, slots: asyncio.Semaphore
) -> list[tuple[bytes, int]]:
    """Returns the results of payloads for a subscription, as JSON, and what each costs.

    Raises `Unavailable` if the database is away.
    """
    executions = [_execute(subscription, payload, loaders, slots) for payload in payloads]
    return await asyncio.gather(*executions) if len(executions) > 1 else [await executions[0]]


async def _execute(
    subscription: LiveSubscription, payload: PayloadRow, loaders: Loaders, slots: asyncio.Semaphore
) -> tuple[bytes, int]:
    resources, caller = subscription.resources, subscription.caller
    execution: Any = subscription.operation.executor.build_per_event_executor(payload)
    execution.context_value = Context(
        resources, caller.viewer, caller.address, language=caller.language, shared_loaders=loaders, slots=slots
    )
    result = await execute_event(execution, resources)
    for error in result.errors or ():
        if isinstance(error.original_error, Unavailable):
            raise error.original_error
    spending, formatted = subscription.operation.spending, format_result(result)
    actual = spending.actual(formatted)
    return orjson.dumps(spending.count_event(formatted, actual)), actual


async def _groups(subscriptions: Sequence[LiveSubscription], loaders: Loaders) -> list[list[LiveSubscription]]:
    """Returns subscriptions in groups that receive the same results."""
    if len(subscriptions) <= 1:
        return [list(subscriptions)] if subscriptions else []
    blocking = await _viewers_with_blocks(subscriptions, loaders)
    groups: dict[object, list[LiveSubscription]] = {}
    for subscription in subscriptions:
        caller, operation = subscription.caller, subscription.operation
        viewer = caller.viewer
        is_shared = operation.is_shareable and isinstance(viewer, SignedIn) and viewer.user_id not in blocking
        groups.setdefault((id(operation), None if is_shared else (viewer, caller.language)), []).append(subscription)
    return list(groups.values())


async def _viewers_with_blocks(subscriptions: Sequence[LiveSubscription], loaders: Loaders) -> set[int]:
    """Returns the viewers who block a user or are blocked by one. Results may differ for them."""
    viewers = {
        subscription.subscriber.viewer_id for subscription in subscriptions if subscription.operation.is_shareable
    }
    user_ids = sorted(viewers)
    rows = await loaders.load_level("blocks_by_owner", user_ids) if user_ids else []
    return {user_id for user_id, blocks in zip(user_ids, rows, strict=True) if blocks}


def _open(subscriptions: Sequence[LiveSubscription]) -> list[LiveSubscription]:
    """Returns the subscriptions that were not closed while their payloads were executed. Their ids may be in use."""
    return [subscription for subscription in subscriptions if not subscription.subscriber.is_closed]


def _end(subscriptions: Sequence[LiveSubscription], error: Exception) -> None:
    errors = [describe_failure(error)]
    for subscription in subscriptions:
        subscription.subscriber.close()
        subscription.target.sink.fail(subscription.target.subscription_id, errors)
