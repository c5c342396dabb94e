"""Transfers: money from one user's wallet to another's."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal, TypedDict

from adapters.payments import PaymentKey
from core import text
from core.card_numbers import contains_card_number
from core.errors import (
    ProblemError,
    account_deleted,
    currency_mismatch,
    forbidden,
    insufficient_funds,
    invalid_input,
    not_found,
)
from core.viewer import SignedIn
from events import PaymentSucceeded
from models.payments import PaymentRow
from models.wallets import WalletRow
from services.idempotency import CreatedRow, IdempotentRequest, claim, is_claimed
from services.payments.accounts import LockedUser, lock_accounts
from services.payments.amounts import CURRENCY, check_amount, check_daily_amount
from services.payments.history import find_payments
from services.payments.inputs import MAX_NOTE_LENGTH, Amount, SendPayment
from services.payments.ledger import LedgerEntry, LockedWallet, lock_wallets, open_wallet, post
from services.payments.records import NewPayment, Party, insert_parties, insert_payment
from services.payments.wallets import find_wallet
from services.resources import Resources
from services.unit_of_work import UnitOfWork, in_unit_of_work

_RECIPIENT, _AMOUNT, _NOTE = "input.recipientId", "input.amount", "input.note"
_PASSWORD = "input.password"  # noqa: S105 - the name of a field

CheckPassword = Callable[[str, str], Awaitable[Mapping[str, Any] | None]]
"""Returns the problem of a password, with the field that contained it, or None if it is the viewer's."""

SendPaymentSuccessRow = TypedDict(
    "SendPaymentSuccessRow",
    {"__typename": Literal["SendPaymentSuccess"], "payment": PaymentRow, "wallet": WalletRow, "replayed": bool},
)


async def send_payment(
    viewer: SignedIn, resources: Resources, request: SendPayment, check_password: CheckPassword
) -> Mapping[str, Any]:
    """Sends money and returns a `SendPaymentSuccessRow`. A wrong password is returned as a problem.

    Raises `ProblemError` if the input is invalid, the recipient is not visible, or there is not enough money.
    """
    if request.recipient.id == viewer.user_id:
        raise invalid_input(_RECIPIENT, "You cannot send money to yourself.")
    request = replace(request, note=_checked_note(request.note))
    problem = await _problem_of_amount(resources, request, check_password)
    if problem is not None and not await _was_sent(viewer, resources, request):
        return problem
    return await in_unit_of_work(resources, partial(_send_once, viewer, resources, request), viewer)


async def _was_sent(viewer: SignedIn, resources: Resources, request: SendPayment) -> bool:
    """Returns whether the request is repeated: then its result is sent, also if it would be rejected now."""
    if request.amount.minor_units <= 0:
        return False
    return await is_claimed(viewer, resources.database, _identified(request))


async def _problem_of_amount(
    resources: Resources, request: SendPayment, check_password: CheckPassword
) -> Mapping[str, Any] | None:
    """Returns the problem of an amount that is too large, or that needs the password. None if it may be sent."""
    try:
        check_amount(resources, request.amount)
        if request.amount.minor_units <= resources.settings.step_up_amounts[request.amount.currency]:
            return None
        if request.password is None:
            raise forbidden(_PASSWORD, "Confirm this amount with your password.")
        return await check_password(request.password, _PASSWORD)
    except ProblemError as problem:
        return problem.row


def _identified(request: SendPayment) -> IdempotentRequest:
    inputs = (request.recipient.id, *request.amount, request.note or "")
    return IdempotentRequest("sendPayment", inputs, request.idempotency_key)


async def _send_once(
    viewer: SignedIn, resources: Resources, request: SendPayment, work: UnitOfWork
) -> SendPaymentSuccessRow:
    """Sends the money, or returns what an earlier request with this key has sent."""
    recipient_id, candidate = request.recipient.id, CreatedRow(viewer.user_id, resources.ids.next())
    created = await claim(viewer, work, resources, _identified(request), candidate)
    key = PaymentKey(*created)
    event = PaymentSucceeded(
        actor_id=viewer.user_id, payment_owner_id=key.owner_id, payment_id=key.id, party_id=recipient_id
    )
    transaction, wallet = await work.transaction(), None
    if created == candidate:
        wallet = await _send(viewer, work, resources, request, key)
        work.emit(event)
    else:
        work.repeat(event)
        wallet = await find_wallet(viewer, transaction)
    (payment,) = await find_payments(viewer, transaction, [key])
    if payment is None or wallet is None:
        raise account_deleted()
    return {
        "__typename": "SendPaymentSuccess",
        "payment": payment,
        "wallet": wallet,
        "replayed": created != candidate,
    }


async def _send(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, request: SendPayment, payment: PaymentKey
) -> WalletRow:
    """Moves the money and returns the sender's wallet after it."""
    transaction, now = await work.transaction(), resources.clock()
    sender_id, recipient_id, (amount, currency) = viewer.user_id, request.recipient.id, request.amount
    accounts = await lock_accounts(viewer, transaction, [recipient_id])
    _check_recipient(accounts.get(recipient_id))
    wallets = await lock_wallets(transaction, [sender_id, recipient_id])
    sender = _checked_sender(wallets.get(sender_id), request.amount)
    if recipient_id not in wallets:
        opened = await open_wallet(transaction, recipient_id, currency, now)
        wallets |= {recipient_id: opened} if opened else await lock_wallets(transaction, [recipient_id])
    if wallets[recipient_id].currency != currency:
        raise currency_mismatch(CURRENCY, f"This user can only receive {wallets[recipient_id].currency}.")
    await check_daily_amount(transaction, viewer, resources, request.amount, "TRANSFER")
    entries = [LedgerEntry(sender_id, "WALLET", -amount), LedgerEntry(recipient_id, "WALLET", amount)]
    await post(transaction, resources.ids, payment, currency, entries, wallets, now)
    new = NewPayment(*payment, "TRANSFER", "SUCCEEDED", amount, currency, request.note)
    await insert_payment(transaction, new, now)
    parties = [Party(sender_id, "OUT", recipient_id), Party(recipient_id, "IN", sender_id)]
    await insert_parties(transaction, payment, parties)
    return _wallet_after(sender, -amount)


def _check_recipient(recipient: LockedUser | None) -> None:
    if recipient is None or recipient.has_blocked_viewer:
        raise not_found(_RECIPIENT, "The user does not exist.")
    if recipient.blocked_by_viewer:
        raise forbidden(_RECIPIENT, "You have blocked this user. Unblock them first.")


def _checked_sender(wallet: LockedWallet | None, amount: Amount) -> LockedWallet:
    """Returns the sender's wallet. Raises `ProblemError` if it does not contain the amount."""
    if wallet is not None and wallet.currency != amount.currency:
        raise currency_mismatch(CURRENCY, f"Your wallet is in {wallet.currency}.")
    if wallet is None or wallet.available < amount.minor_units:
        raise insufficient_funds(_AMOUNT)
    return wallet


def _wallet_after(wallet: LockedWallet, change: int) -> WalletRow:
    """Returns a locked wallet as a row, after a change of what can be spent."""
    return {
        "owner_id": wallet.owner_id,
        "id": wallet.id,
        "currency": wallet.currency,
        "available": wallet.available + change,
        "pending": wallet.pending,
    }


def _checked_note(note: str | None) -> str | None:
    """Returns the note as it is stored. An empty one is none."""
    if not note:
        return None
    checked = text.prose(note, max_length=MAX_NOTE_LENGTH)
    if checked is None:
        raise invalid_input(_NOTE, f"Write 1 to {MAX_NOTE_LENGTH} letters, without control characters.")
    if contains_card_number(checked):
        raise invalid_input(_NOTE, "This looks like a card number. Never send one in a note.")
    return checked
