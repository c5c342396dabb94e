"""Bounds of the values that a payment provider sends, so that the database can store them."""

from typing import TypeVar

from adapters.payments.base import (
    Card,
    InvalidWebhook,
    ProviderCharge,
    ProviderRefund,
    ProviderUnavailable,
    WebhookEvent,
)
from core.ids import MAX_ID

MAX_TEXT = 255
"""Maximum characters of a reference, a currency, or the id of an event."""

ValueT = TypeVar("ValueT")


def checked_answer(value: ValueT) -> ValueT:
    """Returns the answer to a call. Raises `ProviderUnavailable` if it names a card, charge or refund strangely."""
    if isinstance(value, Card | ProviderCharge | ProviderRefund) and not _is_text(value.reference):
        raise ProviderUnavailable("the answer is not understood")
    return value


def checked_event(event: WebhookEvent) -> WebhookEvent:
    """Returns an event. Raises `InvalidWebhook` if one of its values is out of bounds."""
    numbers = (event.amount, *(event.payment or ()))
    texts = (event.id, event.currency, event.charge or "", event.dispute or "")
    if not event.id or not all(0 <= number <= MAX_ID for number in numbers) or not all(map(_is_text, texts)):
        raise InvalidWebhook("a value of the event is out of bounds")
    return event


def _is_text(value: str) -> bool:
    return len(value) <= MAX_TEXT and value.isascii() and value.isprintable()
