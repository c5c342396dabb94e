"""Wallets, what is in them, and cards."""

from datetime import date, datetime

import strawberry

from schema.connections import Connection
from schema.payments import Currency, Money, Payment, money
from schema.row import Node, connection, edge, node_id


@strawberry.type(description="One line of a wallet: money that came in or went out.")
class WalletEntry(Node):
    """Rows: `models.wallets.WalletEntryRow`."""

    id: strawberry.ID = node_id("WalletEntry", owner="owner_id")
    amount: Money = money("amount", "How much; negative when it went out.")
    balance_after: Money = money("balance_after", "What could be spent after it.")
    created_at: datetime = strawberry.field(description="When it was written.")
    payment: Payment | None = edge(
        "payment_by_id", key=("payment_owner_id", "payment_id"), description="The payment it belongs to."
    )


@strawberry.type(description="The signed-in person's money.")
class Wallet(Node):
    """Rows: `models.wallets.WalletRow`."""

    id: strawberry.ID = node_id("Wallet", owner="owner_id")
    currency: Currency = strawberry.field(description="What it is kept in.")
    available: Money = money("available", "What can be spent now.")
    pending: Money = money("pending", "What is coming in and cannot be spent yet.")
    entries: Connection[WalletEntry] | None = connection(
        "entries_by_owner", key=("owner_id",), list_name="Wallet.entries", description="Its lines, newest first."
    )


@strawberry.type(description="A card of the signed-in person, kept by the payment provider.")
class PaymentMethod(Node):
    """Rows: `models.wallets.PaymentMethodRow`."""

    id: strawberry.ID = node_id("PaymentMethod", owner="owner_id")
    brand: str = strawberry.field(description="The card's brand in lower case, like `visa`.")
    last_four: str = strawberry.field(description="The last four digits of its number.")
    expires_on: date | None = strawberry.field(description="The last day on which it is good; null when it has none.")
    is_default: bool = strawberry.field(description="Whether it is used when no other is named.")
