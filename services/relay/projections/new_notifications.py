"""Finds the notifications that follow from an event."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from events import (
    CommentAdded,
    Event,
    PaymentChargedBack,
    PaymentFailed,
    PaymentRefunded,
    PaymentRefundReturned,
    PaymentSucceeded,
    PostLiked,
    UserFollowed,
)
from services.relay.projections.recorded_event import RecordedEvent


class NewNotification(NamedTuple):
    """A notification that may be written."""

    owner_id: int
    kind: str
    actor_id: int | None
    subject_type: str
    subject_owner_id: int
    subject_id: int
    created_at: datetime


def new_notifications(recorded: RecordedEvent[Event]) -> Iterator[NewNotification]:
    """Returns the notifications of an event: none for acts of the recipient, except for their money."""
    match recorded.event:
        case UserFollowed(actor_id=actor, followee_id=followee):
            yield NewNotification(followee, "FOLLOW", actor, "User", actor, actor, recorded.occurred_at)
        case PostLiked(actor_id=actor, author_id=author, post_id=post) if actor != author:
            yield NewNotification(author, "LIKE", actor, "Post", author, post, recorded.occurred_at)
        case CommentAdded(actor_id=actor, author_id=author, comment_id=comment) if actor != author:
            yield NewNotification(author, "COMMENT", actor, "Comment", author, comment, recorded.occurred_at)
        case _:
            yield from _of_payments(recorded)


def _of_payments(recorded: RecordedEvent[Event]) -> Iterator[NewNotification]:
    """Returns the notifications of an event of a payment, with the payment as subject.

    A success with another party may be a refund; the statement that writes notifications finds the kind of the payment.
    """
    match recorded.event:
        case PaymentSucceeded(payment_owner_id=owner, payment_id=payment, party_id=party) if party:
            yield NewNotification(party, "PAYMENT_RECEIVED", owner, "Payment", owner, payment, recorded.occurred_at)
        case PaymentFailed(payment_owner_id=owner, payment_id=payment):
            yield NewNotification(owner, "PAYMENT_FAILED", None, "Payment", owner, payment, recorded.occurred_at)
        case PaymentRefundReturned(payment_owner_id=owner, refund_id=refund):
            yield NewNotification(owner, "PAYMENT_FAILED", None, "Payment", owner, refund, recorded.occurred_at)
        case PaymentRefunded(actor_id=actor, payment_owner_id=owner, payment_id=payment):
            other = actor if actor != owner else None
            yield NewNotification(owner, "REFUND", other, "Payment", owner, payment, recorded.occurred_at)
        case PaymentChargedBack(payment_owner_id=owner, payment_id=payment):
            yield NewNotification(owner, "REFUND", None, "Payment", owner, payment, recorded.occurred_at)
        case _:
            return
