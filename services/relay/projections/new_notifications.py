"""Finds the notifications that follow from an event."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from events import (
    CommentAdded,
    DataExportRequested,
    Event,
    PasswordChanged,
    PaymentChargedBack,
    PaymentFailed,
    PaymentRefunded,
    PaymentRefundReturned,
    PaymentSucceeded,
    PostLiked,
    RefreshTokenReused,
    SessionBegan,
    UserFollowed,
)
from services.relay.projections.recorded_event import RecordedEvent

NO_ACTOR = 0
"""The actor of a fact that no user of the inbox's interest caused. No user has this id."""


class Subject(NamedTuple):
    """The row that a notification is about: its type in the schema, the owner of its partition, and its id."""

    type: str | None = None
    owner_id: int | None = None
    id: int | None = None


class FactKey(NamedTuple):
    """Identifies a fact that is told once: the like of a post by an actor, a comment, a refund, a security event."""

    owner_id: int
    kind: str
    fact_id: int
    actor_id: int


class GroupKey(NamedTuple):
    """Identifies the facts of an inbox that share a notification: likes of one post, for example."""

    owner_id: int
    kind: str
    key: int


class NewNotification(NamedTuple):
    """A fact that may be told. Without a `group` it has a notification of its own."""

    key: FactKey
    subject: Subject
    occurred_at: datetime
    group: GroupKey | None = None
    cause: str | None = None


def new_notifications(recorded: RecordedEvent[Event]) -> Iterator[NewNotification]:
    """Returns the notifications of an event: none for acts of the recipient, except for their money and security."""
    at = recorded.occurred_at
    match recorded.event:
        case UserFollowed(actor_id=actor, followee_id=followee):
            key, group = FactKey(followee, "FOLLOW", actor, actor), GroupKey(followee, "FOLLOW", followee)
            yield NewNotification(key, Subject("User", actor, actor), at, group)
        case PostLiked(actor_id=actor, author_id=author, post_id=post) if actor != author:
            key, group = FactKey(author, "LIKE", post, actor), GroupKey(author, "LIKE", post)
            yield NewNotification(key, Subject("Post", author, post), at, group)
        case CommentAdded(actor_id=actor, author_id=author, post_id=post, comment_id=comment) if actor != author:
            key, group = FactKey(author, "COMMENT", comment, actor), GroupKey(author, "COMMENT", post)
            yield NewNotification(key, Subject("Comment", author, comment), at, group)
        case _:
            yield from _of_payments(recorded)
            yield from _of_security(recorded)


def _of_payments(recorded: RecordedEvent[Event]) -> Iterator[NewNotification]:
    """Returns the notifications of an event of a payment, with the payment as subject.

    A success with another party may be a refund; the statement that writes facts finds the kind of the payment.
    """
    at = recorded.occurred_at
    match recorded.event:
        case PaymentSucceeded(payment_owner_id=owner, payment_id=payment, party_id=party) if party:
            key = FactKey(party, "PAYMENT_RECEIVED", payment, owner)
            yield NewNotification(key, Subject("Payment", owner, payment), at)
        case PaymentFailed(payment_owner_id=owner, payment_id=payment):
            key = FactKey(owner, "PAYMENT_FAILED", payment, NO_ACTOR)
            yield NewNotification(key, Subject("Payment", owner, payment), at)
        case PaymentRefundReturned(payment_owner_id=owner, refund_id=refund):
            key = FactKey(owner, "PAYMENT_FAILED", refund, NO_ACTOR)
            yield NewNotification(key, Subject("Payment", owner, refund), at)
        case PaymentRefunded(actor_id=actor, payment_owner_id=owner, payment_id=payment, refund_id=refund):
            key = FactKey(owner, "REFUND", refund, actor if actor != owner else NO_ACTOR)
            yield NewNotification(key, Subject("Payment", owner, payment), at)
        case PaymentChargedBack(payment_owner_id=owner, payment_id=payment, refund_id=refund):
            key = FactKey(owner, "REFUND", refund, NO_ACTOR)
            yield NewNotification(key, Subject("Payment", owner, payment), at)
        case _:
            return


def _of_security(recorded: RecordedEvent[Event]) -> Iterator[NewNotification]:
    """Returns the notification of an event of the account that its owner may not have caused."""
    match recorded.event:
        case SessionBegan():
            cause = "DEVICE_SIGNED_IN"
        case PasswordChanged():
            cause = "PASSWORD_CHANGED"
        case RefreshTokenReused():
            cause = "TOKEN_REUSED"
        case DataExportRequested():
            cause = "DATA_EXPORT"
        case _:
            return
    key = FactKey(recorded.event.owner_id, "SECURITY", recorded.position.id, NO_ACTOR)
    yield NewNotification(key, Subject(), recorded.occurred_at, cause=cause)
