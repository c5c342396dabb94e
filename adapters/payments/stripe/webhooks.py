"""The webhooks of Stripe."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import stripe

from adapters.payments.base import InvalidWebhook, WebhookEvent, WebhookKind
from adapters.payments.signatures import check_body, check_secrets, check_time, only_header
from adapters.payments.stripe.objects import Dispute, StripeMoney

_HEADER = "stripe-signature"
_CHARGEBACKS = {
    "charge.dispute.funds_withdrawn": WebhookKind.CHARGEBACK,
    "charge.dispute.funds_reinstated": WebhookKind.CHARGEBACK_REVERSED,
}
_REFUNDS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})


class _Head(msgspec.Struct):
    id: str
    type: str


class _Data(msgspec.Struct):
    object: msgspec.Raw


class _Event(_Head):
    data: _Data


def read_webhook(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> WebhookEvent:
    """Returns the event of a body that is signed with one of the secrets. Raises `InvalidWebhook`."""
    check_secrets(secrets)
    check_body(body)
    header = only_header(headers, _HEADER)
    check_time(header, now)
    if not any([_is_signed(secret, header, body) for secret in secrets]):  # noqa: C419 - each takes the same time
        raise InvalidWebhook("no secret of ours signed this")
    try:
        head = msgspec.json.decode(body, type=_Head)
        kind = _kind(head.type)
        if kind is WebhookKind.OTHER:
            return WebhookEvent(head.id, kind, None, None, 0, "")
        subject = msgspec.json.decode(body, type=_Event).data.object
        if kind in _CHARGEBACKS.values():
            return _of_dispute(head.id, kind, msgspec.json.decode(subject, type=Dispute))
        found = msgspec.json.decode(subject, type=StripeMoney)
    except msgspec.MsgspecError as error:
        raise InvalidWebhook("the body is no event") from error
    charge = found.id if kind is WebhookKind.CHARGE_CHANGED else found.payment_intent
    return WebhookEvent(head.id, kind, found.payment, charge, found.amount, found.code)


def _of_dispute(event_id: str, kind: WebhookKind, dispute: Dispute) -> WebhookEvent:
    """Returns the event of a dispute. Its metadata name no payment of ours: the charge does."""
    amount = dispute.moved(is_returned=kind is WebhookKind.CHARGEBACK_REVERSED)
    return WebhookEvent(event_id, kind, None, dispute.payment_intent, amount, dispute.code, dispute.id)


def _kind(name: str) -> WebhookKind:
    if name in _CHARGEBACKS:
        return _CHARGEBACKS[name]
    if name in _REFUNDS:
        return WebhookKind.REFUND_CHANGED
    return WebhookKind.CHARGE_CHANGED if name.startswith("payment_intent.") else WebhookKind.OTHER


def _is_signed(secret: str, header: str, body: bytes) -> bool:
    """Returns whether the library accepts the signature. The time is checked before: it accepts the future."""
    try:
        return stripe.WebhookSignature.verify_header(body, header, secret)
    except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):  # TypeError: it is not ASCII
        return False
