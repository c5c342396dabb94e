"""Top-ups: money from a card to the wallet of its owner.

Three steps: the payment is written as PENDING, the provider is asked to charge the card, the payment is settled. No
transaction is open while the provider works. What a crash leaves behind is settled by the job `settle_payments`.
"""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, Literal, NamedTuple, TypedDict

from adapters.payments import ChargeRequest, PaymentKey, ProviderUnavailable
from core.cancellation import finish
from core.errors import ProblemError, account_deleted, currency_mismatch, invalid_input, not_found, provider_unavailable
from core.viewer import SignedIn
from events import PaymentStarted
from models.payments import PaymentRow
from models.wallets import WalletRow
from services.idempotency import CreatedRow, IdempotentRequest, claim, is_claimed
from services.payments.accounts import lock_accounts
from services.payments.amounts import CURRENCY, check_amount, check_daily_amount
from services.payments.history import find_payments
from services.payments.inputs import TopUp
from services.payments.ledger import LedgerEntry, LockedWallet, lock_wallets, open_wallet, post
from services.payments.outcomes import problem_of, wait_for_end
from services.payments.pending import first_due
from services.payments.records import NewPayment, Party, insert_open_payment, insert_parties, insert_payment
from services.payments.settle import settle_charge
from services.payments.wallets import find_wallet
from services.resources import Resources
from services.unit_of_work import UnitOfWork, in_unit_of_work

logger = logging.getLogger(__name__)

_METHOD = "input.paymentMethodId"
_CARD = (
    "SELECT provider_reference, expires_on FROM payment_methods WHERE owner_id = $1 AND id = $2 AND removed_at IS NULL"
)

TopUpWalletSuccessRow = TypedDict(
    "TopUpWalletSuccessRow",
    {"__typename": Literal["TopUpWalletSuccess"], "payment": PaymentRow, "wallet": WalletRow, "replayed": bool},
)


class _StartedPayment(NamedTuple):
    """The payment of a request. `charge` is what to ask the provider for, or None if an earlier request did."""

    key: PaymentKey
    charge: ChargeRequest | None


async def top_up_wallet(viewer: SignedIn, resources: Resources, request: TopUp) -> Mapping[str, Any]:
    """Charges a card and returns a `TopUpWalletSuccessRow`, whose payment is PENDING if it did not end in time.

    Raises `ProblemError` if the input is invalid or the card was declined.
    """
    try:
        check_amount(resources, request.amount)
    except ProblemError:
        if not await is_claimed(viewer, resources.database, _identified(request)):
            raise
    started = await in_unit_of_work(resources, partial(_start, viewer, resources, request), viewer)
    if started.charge is None:
        await wait_for_end(resources, started.key)
    else:
        await _charge(resources, started.charge)
    (payment,) = await find_payments(viewer, resources.database, [started.key])
    wallet = await find_wallet(viewer, resources.database)
    if payment is None or wallet is None:
        raise account_deleted()
    if payment["status"] == "FAILED":
        raise problem_of(payment, _METHOD)
    replayed = started.charge is None
    return {"__typename": "TopUpWalletSuccess", "payment": payment, "wallet": wallet, "replayed": replayed}


def _identified(request: TopUp) -> IdempotentRequest:
    inputs = (*request.amount, request.method.owner_id, request.method.id)
    return IdempotentRequest("topUpWallet", inputs, request.idempotency_key)


async def _start(viewer: SignedIn, resources: Resources, request: TopUp, work: UnitOfWork) -> _StartedPayment:
    """Writes the pending payment, or finds the one that an earlier request with this key has written."""
    candidate = CreatedRow(viewer.user_id, resources.ids.next())
    claimed = await claim(viewer, work, resources, _identified(request), candidate)
    key = PaymentKey(*claimed)
    if claimed != candidate:
        work.repeat(_started_event(key))
        return _StartedPayment(key, None)
    if not resources.payments.is_available:
        raise provider_unavailable("Cards cannot be charged at the moment. Try again later.")
    transaction, now = await work.transaction(), resources.clock()
    await lock_accounts(viewer, transaction, [])
    card = await _find_card(work, resources, viewer, request)
    amount, currency = request.amount
    await open_wallet(transaction, viewer.user_id, currency, now)
    wallets = await lock_wallets(transaction, [viewer.user_id])
    if wallets[viewer.user_id].currency != currency:
        raise currency_mismatch(CURRENCY, f"Your wallet is in {wallets[viewer.user_id].currency}.")
    await check_daily_amount(transaction, viewer, resources, request.amount, "TOP_UP")
    await _write(work, resources, key, request, wallets)
    return _StartedPayment(key, ChargeRequest(key, card, amount, currency, now))


async def _find_card(work: UnitOfWork, resources: Resources, viewer: SignedIn, request: TopUp) -> str:
    """Returns the provider's reference of the viewer's card. Raises `ProblemError` if there is none, or it expired."""
    owner_id, method_id = request.method.owner_id, request.method.id
    transaction = await work.transaction()
    rows = await transaction.fetch(_CARD, owner_id, method_id) if owner_id == viewer.user_id else []
    if not rows:
        raise not_found(_METHOD, "This card does not exist.")
    expires_on = rows[0]["expires_on"]
    if expires_on is not None and expires_on < resources.clock().date():
        raise invalid_input(_METHOD, "This card has expired. Use another one.")
    return rows[0]["provider_reference"]


async def _write(
    work: UnitOfWork,
    resources: Resources,
    key: PaymentKey,
    request: TopUp,
    wallets: Mapping[int, LockedWallet],
) -> None:
    """Writes the pending payment and its entries. From the commit on, it waits for the provider."""
    transaction, now = await work.transaction(), resources.clock()
    (amount, currency), provider = request.amount, resources.payments.name
    payment = NewPayment(*key, "TOP_UP", "PENDING", amount, currency, method_id=request.method.id, provider=provider)
    await insert_payment(transaction, payment, now)
    await insert_parties(transaction, key, [Party(key.owner_id, "IN", None)])
    entries = (LedgerEntry(key.owner_id, "PENDING", amount), LedgerEntry(key.owner_id, "PROVIDER", -amount))
    await post(transaction, resources.ids, key, currency, entries, wallets, now)
    await insert_open_payment(transaction, key, first_due(resources, now))
    work.emit(_started_event(key))


def _started_event(key: PaymentKey) -> PaymentStarted:
    return PaymentStarted(actor_id=key.owner_id, payment_owner_id=key.owner_id, payment_id=key.id, party_id=0)


async def _charge(resources: Resources, request: ChargeRequest) -> None:
    """Charges the card and settles the payment. If the provider does not answer, the payment stays pending.

    A request whose client has disconnected is cancelled. Then the settlement still ends; a call of the provider does
    not, and the job settles the payment.
    """
    try:
        charge = await resources.payments.charge(request)
    except ProviderUnavailable as error:
        facts = {"owner_id": request.payment.owner_id, "payment_id": request.payment.id}
        logger.warning("a top-up waits for the provider: %s", error, extra=facts)
        return
    await finish(settle_charge(resources, request.payment, charge))
