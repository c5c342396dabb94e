"""Sends the payment operations of apps, and reads wallets."""

from functools import cache
from itertools import count
from typing import Any, NamedTuple

from adapters.payments import PaymentKey
from core.global_ids import global_id, read_global_id
from services.payments.ledger import LedgerEntry, lock_wallets, open_wallet, post
from services.payments.records import NewPayment, Party, insert_parties, insert_payment
from services.resources import Resources
from services.unit_of_work import unit_of_work
from tests.support.client import Client, operation
from tests.support.feed import field_of
from tests.support.storm import make_person

_keys = count()
_PAYMENTS = (
    "query ($first: Int) { viewer { payments(first: $first) { edges { node { id kind status direction "
    "amount { minorUnits currency } refundedAmount { minorUnits } note counterparty { handle } } } } } }"
)


class Balance(NamedTuple):
    """The balances of a wallet."""

    available: int
    pending: int = 0
    currency: str = "EUR"


@cache
def document(name: str) -> str:
    """Returns the document of a payment operation."""
    return operation("payments.graphql", name)


def money(amount: int, currency: str = "EUR") -> dict[str, str]:
    return {"minorUnits": str(amount), "currency": currency}


def new_key() -> str:
    return f"key-{next(_keys)}"


async def pay(client: Client, name: str, as_: str, **sent: Any) -> dict[str, Any]:
    """Returns the result of a mutation for a user. A key is added if there is none."""
    filled = sent if name.endswith("Method") else {"idempotencyKey": new_key(), **sent}
    return (await client.data(document(name), {"input": filled}, as_=as_))[field_of(name)]


async def user(client: Client, handle: str) -> str:
    """Returns the global id of a user."""
    user_id = await client.user_id(handle)
    return global_id("User", user_id, user_id)


async def send(client: Client, sender: str, recipient: str, amount: int, **more: Any) -> dict[str, Any]:
    """Returns the result of a transfer between users with these handles."""
    sent = {"recipientId": await user(client, recipient), "amount": money(amount), **more}
    return await pay(client, "SendPayment", sender, **sent)


async def sent_by(client: Client, sender: str, recipient: str, amount: int, **more: Any) -> str:
    """Sends money and returns the id of the payment."""
    answer = await send(client, sender, recipient, amount, **more)
    assert answer["__typename"] == "SendPaymentSuccess", answer
    return answer["payment"]["id"]


async def refund(client: Client, as_: str, payment_id: str, amount: int | None = None, **more: Any) -> dict[str, Any]:
    """Returns the result of a refund, of everything that is left without an amount."""
    sent: dict[str, Any] = {"paymentId": payment_id, **({} if amount is None else {"amount": money(amount)}), **more}
    return await pay(client, "RefundPayment", as_, **sent)


async def balance(client: Client, handle: str) -> Balance | None:
    """Returns what a user's wallet has, or None if the user has no wallet."""
    wallet = (await client.data(document("WalletScreen"), as_=handle))["viewer"]["wallet"]
    if wallet is None:
        return None
    available, pending = int(wallet["available"]["minorUnits"]), int(wallet["pending"]["minorUnits"])
    return Balance(available, pending, wallet["currency"])


async def available(client: Client, handle: str) -> int:
    """Returns what a user can spend."""
    found = await balance(client, handle)
    return 0 if found is None else found.available


async def payments_of(client: Client, handle: str, first: int = 100) -> list[dict[str, Any]]:
    """Returns the newest payments of a user."""
    found = await client.data(_PAYMENTS, {"first": first}, as_=handle)
    return [edge["node"] for edge in found["viewer"]["payments"]["edges"]]


async def entries_of(client: Client, handle: str, first: int = 100) -> list[tuple[int, int, str]]:
    """Returns the newest entries of a user's wallet: amount, balance after it, and the id of the payment."""
    wallet = (await client.data(document("WalletScreen"), {"first": first}, as_=handle))["viewer"]["wallet"]
    nodes = [edge["node"] for edge in wallet["entries"]["edges"]]
    return [
        (int(node["amount"]["minorUnits"]), int(node["balanceAfter"]["minorUnits"]), node["payment"]["id"])
        for node in nodes
    ]


async def newcomer(client: Client, number: int = 1, amount: int = 0, currency: str = "EUR") -> str:
    """Makes a user without a wallet, or with an amount in it, and returns the handle."""
    made = await make_person(client.resources, number)
    if amount:
        await fund(client.resources, made.user_id, amount, currency)
    return f"storm{number}"


async def fund(resources: Resources, user_id: int, amount: int, currency: str = "EUR") -> None:
    """Adds money to a user's wallet as a top-up does, without a provider and without an event."""
    async with unit_of_work(resources) as work:
        transaction, now, key = await work.transaction(), resources.clock(), PaymentKey(user_id, resources.ids.next())
        await open_wallet(transaction, user_id, currency, now)
        wallets = await lock_wallets(transaction, [user_id])
        entries = [LedgerEntry(user_id, "PROVIDER", -amount), LedgerEntry(user_id, "WALLET", amount)]
        await post(transaction, resources.ids, key, currency, entries, wallets, now)
        await insert_payment(transaction, NewPayment(*key, "TOP_UP", "SUCCEEDED", amount, currency), now)
        await insert_parties(transaction, key, [Party(user_id, "IN", None)])


async def total(resources: Resources) -> int:
    """Returns the sum of all wallets."""
    (row,) = await resources.database.fetch("SELECT CAST(SUM(available + pending) AS BIGINT) AS total FROM wallets")
    return row["total"]


async def books_are_right(resources: Resources) -> None:
    """Asserts that all entries sum to zero, and those of each wallet to what it has."""
    (row,) = await resources.database.fetch("SELECT CAST(SUM(amount) AS BIGINT) AS total FROM ledger_entries")
    assert row["total"] == 0
    wrong = await resources.database.fetch(
        "SELECT w.owner_id FROM wallets w WHERE w.available <> COALESCE((SELECT SUM(e.amount) FROM ledger_entries e "
        "WHERE e.owner_id = w.owner_id AND e.account = 'WALLET'), 0)"
    )
    assert wrong == []


def key_of(payment_id: str) -> tuple[int, int]:
    """Returns the owner's id and the id of a payment."""
    found = read_global_id(payment_id, "id")
    return found.owner_id, found.id
