"""Projects changes of payments into the event streams of their parties."""

from collections.abc import Iterator, Sequence

from adapters.database import Queries
from events import (
    Event,
    PaymentChargedBack,
    PaymentFailed,
    PaymentRefunded,
    PaymentRefundReturned,
    PaymentStarted,
    PaymentSucceeded,
)
from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind
from services.relay.projections.recorded_event import RecordedEvent

_SIDE = {"owner_id": "bigint", "payment_owner_id": "bigint", "payment_id": "bigint"}
_SIDES = (
    "SELECT g.owner_id, g.payment_owner_id, g.payment_id FROM input_rows g "
    "WHERE EXISTS (SELECT 1 FROM payment_parties pp WHERE pp.owner_id = g.owner_id AND pp.payment_id = g.payment_id "
    "AND pp.payment_owner_id = g.payment_owner_id) AND EXISTS (SELECT 1 FROM users u WHERE u.id = g.owner_id)"
)
"""Finds the users in whose list a payment is. Deleted accounts have no user row, and get no more events."""

Side = tuple[int, int, int]
"""A user who may be a party of a payment, and the payment's owner and id."""


async def project_payments(transaction: Queries, events: Sequence[RecordedEvent[Event]]) -> list[StreamEvent]:
    """Returns one event for each payment that changed and each of its parties."""
    sides = [(side, recorded) for recorded in events for side in _changed(recorded.event)]
    rows = await transaction.fetch_with_rows(_SIDES, _SIDE, sorted({side for side, _ in sides})) if sides else []
    current: set[Side] = {(row["owner_id"], row["payment_owner_id"], row["payment_id"]) for row in rows}
    return [
        recorded.stream_event(RowKey(user, user), StreamEventKind.PAYMENT_CHANGED, RowKey(owner, payment))
        for (user, owner, payment), recorded in sides
        if (user, owner, payment) in current
    ]


def _changed(event: Event) -> Iterator[Side]:
    """Returns the sides of the payments that an event has changed."""
    match event:
        case (
            PaymentStarted(payment_owner_id=owner, payment_id=payment, party_id=party)
            | PaymentSucceeded(payment_owner_id=owner, payment_id=payment, party_id=party)
            | PaymentFailed(payment_owner_id=owner, payment_id=payment, party_id=party)
            | PaymentRefunded(payment_owner_id=owner, payment_id=payment, party_id=party)
        ):
            yield owner, owner, payment
            if party:
                yield party, owner, payment
        case (
            PaymentChargedBack(payment_owner_id=owner, payment_id=payment, refund_id=refund)
            | PaymentRefundReturned(payment_owner_id=owner, payment_id=payment, refund_id=refund)
        ):
            yield owner, owner, payment
            yield owner, owner, refund
        case _:
            return
