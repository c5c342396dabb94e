"""Receives the webhooks of the payment provider.

An event about a charge or a refund makes the server ask the provider for the present state, so events may arrive late,
twice and in any order. A refund may fail even after it has succeeded. A chargeback is taken from the event, which is
signed. Each event takes effect once, because its id is written in the transaction of its effect.
"""

import logging
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial

from adapters.payments import ChargeRequest, ChargeState, ForeignReference, PaymentKey, WebhookEvent, WebhookKind
from services.payments.chargebacks import Premature, apply_chargeback, apply_reversal
from services.payments.pending import PendingPayment, ask_charge, ask_refund, find_pending
from services.payments.records import add_provider_event, find_by_reference, find_payment_row
from services.payments.returned_refunds import find_failed_refund
from services.payments.settle import apply_charge, apply_refund
from services.resources import Resources
from services.unit_of_work import UnitOfWork, in_unit_of_work

logger = logging.getLogger(__name__)

_SEEN = "SELECT 1 AS one FROM provider_events WHERE provider = $1 AND event_id = $2"

Effect = Callable[[UnitOfWork], Awaitable[object]]
"""The changes of an event, in a unit of work."""


class Received(StrEnum):
    """The results of an event. The provider has to send it again only after PREMATURE."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    UNKNOWN_PAYMENT = "unknown"
    IGNORED = "ignored"
    PREMATURE = "premature"
    CONTRADICTS = "contradicts"
    """The charge succeeded, and the payment has failed: an operator has to refund the charge."""


async def receive_webhook(resources: Resources, event: WebhookEvent) -> Received:
    """Makes the changes of a verified event, once, and returns the result.

    Raises `ProviderUnavailable` and `Unavailable`; then the provider has to send the event again.
    """
    provider = resources.payments.name
    if await resources.database.fetch(_SEEN, provider, event.id):
        return Received.DUPLICATE
    if event.kind is WebhookKind.OTHER:
        return Received.IGNORED
    key = await _payment_of(resources, event)
    if key is None:
        return _unknown(resources, event)
    pending = await find_pending(resources.database, key)
    try:
        effects = await (_later(resources, key, event) if pending is None else _settlement(resources, pending, event))
        contradicts = pending is None and await _contradicts(resources, key, event)
    except ForeignReference:
        return _unknown(resources, event)
    if event.kind is WebhookKind.CHARGEBACK:
        effects.append(lambda work: apply_chargeback(work, resources, key, event))
    elif event.kind is WebhookKind.CHARGEBACK_REVERSED:
        effects.append(lambda work: apply_reversal(work, resources, key, event))
    try:
        applied = await in_unit_of_work(resources, partial(_apply, resources, event, effects))
    except Premature:
        return Received.PREMATURE
    result = Received.CONTRADICTS if contradicts else Received.APPLIED
    return result if applied else Received.DUPLICATE


async def _payment_of(resources: Resources, event: WebhookEvent) -> PaymentKey | None:
    """Returns the payment of an event: that of the charge if it is known, otherwise the one that the event names.

    Other software with the same account may name any payment, so the name is not believed if the payment is known to
    have another charge. An event of a refund names the refund, and the charge of the payment that it refunds.
    """
    charge, provider = event.charge, resources.payments.name
    found = None if charge is None else await find_by_reference(resources.database, provider, charge)
    if found is not None and event.kind is not WebhookKind.REFUND_CHANGED:
        return found
    named = None if event.payment is None else await find_payment_row(resources.database, event.payment)
    charged = named
    if named is not None and event.kind is WebhookKind.REFUND_CHANGED:
        original = PaymentKey(named.refunds_owner_id or 0, named.refunds_id or 0)
        charged = await find_payment_row(resources.database, original)
    if charged is None or charged.kind != "TOP_UP" or charged.provider != provider:
        return found
    return found if charge and charged.provider_reference not in {None, charge} else event.payment


def _unknown(resources: Resources, event: WebhookEvent) -> Received:
    facts = {"provider": resources.payments.name, "kind": event.kind.value}
    logger.warning("a webhook of the payment provider concerns a payment that does not exist", extra=facts)
    return Received.UNKNOWN_PAYMENT


async def _contradicts(resources: Resources, key: PaymentKey, event: WebhookEvent) -> bool:
    """Returns whether the charge of a failed payment has succeeded, and logs it. Raises `ForeignReference`."""
    failed = await find_payment_row(resources.database, key) if event.kind is WebhookKind.CHARGE_CHANGED else None
    if failed is None or (failed.kind, failed.status) != ("TOP_UP", "FAILED"):
        return False
    asked = ChargeRequest(key, "", failed.amount, failed.currency, failed.created_at)
    charge = await resources.payments.find_charge(asked, failed.provider_reference or event.charge)
    if charge is None or charge.state is not ChargeState.SUCCEEDED:
        return False
    facts = {**key._asdict(), "charge": charge.reference}
    logger.error("the charge of a failed payment has succeeded and has to be refunded", extra=facts)
    return True


async def _settlement(resources: Resources, pending: PendingPayment, event: WebhookEvent) -> list[Effect]:
    """Returns what settles a pending payment, after the provider was asked for its state.

    The event names the charge, so the charge is not requested again. Raises `ForeignReference` if it is another one.
    """
    if pending.kind == "REFUND":
        refund = await ask_refund(resources.payments, pending, resources.clock())
        return [lambda work: apply_refund(work, resources, pending.key, refund)]
    charge = await ask_charge(resources, pending._replace(reference=pending.reference or event.charge))
    return [] if charge is None else [lambda work: apply_charge(work, resources, pending.key, charge)]


async def _later(resources: Resources, key: PaymentKey, event: WebhookEvent) -> list[Effect]:
    """Returns what changes after a payment is sealed: a refund may fail then. Raises `ForeignReference`."""
    is_refund = event.kind is WebhookKind.REFUND_CHANGED
    refund = await find_failed_refund(resources.database, resources.payments, key) if is_refund else None
    return [] if refund is None else [lambda work: apply_refund(work, resources, key, refund)]


async def _apply(resources: Resources, event: WebhookEvent, effects: list[Effect], work: UnitOfWork) -> bool:
    """Records the event with its effects, and returns whether it is a new one."""
    transaction = await work.transaction()
    provider, now = resources.payments.name, resources.clock()
    if not await add_provider_event(transaction, provider, event.id, event.kind.value, now):
        return False
    for effect in effects:
        await effect(work)
    return True
