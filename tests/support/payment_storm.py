"""The mutations of payments, for tests that send pairs of mutations concurrently."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.payments import PaymentKey
from core.global_ids import global_id
from models.wallets import PaymentMethodModel
from services.payments.ledger import LedgerEntry, lock_wallets, post
from services.payments.records import NewPayment, Party, insert_parties, insert_payment
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.payments import fund, money
from tests.support.storm import Person, Sent, make_person

_BEN = "SELECT user_id FROM handles WHERE handle = 'ben'"


@dataclass(frozen=True)
class Payer(Person):
    """Has money, a card, and a transfer that can be refunded, which came from the user who is paid."""

    payee: str
    received: str
    card: str


PAYMENT_ACTIONS: Mapping[str, Callable[[Payer, int], Sent]] = {
    "addPaymentMethod": lambda _, number: Sent("addPaymentMethod", {"providerToken": "tok_visa"}, number),
    "removePaymentMethod": lambda payer, number: Sent("removePaymentMethod", {"paymentMethodId": payer.card}, number),
    "topUpWallet": lambda payer, number: Sent(
        "topUpWallet",
        {"paymentMethodId": payer.card, "amount": money(10), "idempotencyKey": f"top-up-{number % 2}"},
        number,
    ),
    "sendPayment": lambda payer, number: Sent(
        "sendPayment",
        {"recipientId": payer.payee, "amount": money(10), "idempotencyKey": f"send-{number % 2}"},
        number,
    ),
    "refundPayment": lambda payer, number: Sent(
        "refundPayment",
        {"paymentId": payer.received, "amount": money(10), "idempotencyKey": f"refund-{number % 2}"},
        number,
    ),
}
"""Every mutation of payments, by its name. Numbers of the same parity share a key."""


async def make_payer(resources: Resources, number: int) -> Payer:
    person = await make_person(resources, number)
    (ben,) = await resources.database.fetch(_BEN)
    ben_id, owner_id = ben["user_id"], person.user_id
    await fund(resources, owner_id, 1000)
    await PaymentMethodModel.create(
        using_db=resources.database.client,
        owner_id=owner_id,
        id=owner_id,
        provider_reference=f"pm_seed_{owner_id}",
        brand="visa",
        last_four="4242",
        expires_on=None,
        is_default=True,
        created_at=resources.clock(),
        removed_at=None,
    )
    received = await transfer(resources, ben_id, owner_id, 1000)
    return Payer(
        person.number,
        owner_id,
        person.sessions,
        global_id("User", ben_id, ben_id),
        global_id("Payment", *received),
        global_id("PaymentMethod", owner_id, owner_id),
    )


async def transfer(resources: Resources, sender_id: int, recipient_id: int, amount: int) -> PaymentKey:
    """Sends money as `sendPayment` does, without a key and without an event. Both have a wallet in EUR."""
    async with unit_of_work(resources) as work:
        transaction, now, key = await work.transaction(), resources.clock(), PaymentKey(sender_id, resources.ids.next())
        wallets = await lock_wallets(transaction, [sender_id, recipient_id])
        entries = [LedgerEntry(sender_id, "WALLET", -amount), LedgerEntry(recipient_id, "WALLET", amount)]
        await post(transaction, resources.ids, key, "EUR", entries, wallets, now)
        await insert_payment(transaction, NewPayment(*key, "TRANSFER", "SUCCEEDED", amount, "EUR"), now)
        parties = [Party(sender_id, "OUT", recipient_id), Party(recipient_id, "IN", sender_id)]
        await insert_parties(transaction, key, parties)
    return key
