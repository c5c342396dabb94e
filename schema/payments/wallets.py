"""The types of wallets, their entries, and payment methods."""

from datetime import date, datetime

import strawberry

from schema.cache_control import of_viewer
from schema.connections import Connection
from schema.payments.types import Currency, Money, Payment, money
from schema.row import Node, connection, node_id, related


@strawberry.type(description="An entry of a wallet: incoming or outgoing money.", directives=[of_viewer()])
class WalletEntry(Node):
    """Describes a `models.wallets.WalletEntryRow`."""

    id: strawberry.ID = node_id("WalletEntry", owner="owner_id")
    amount: Money = money("amount", "How much; negative when it went out.")
    balance_after: Money = money("balance_after", "What could be spent after it.")
    created_at: datetime = strawberry.field(description="Time of the entry.")
    payment: Payment | None = related(
        "payment_by_id", key=("payment_owner_id", "payment_id"), description="The payment of the entry."
    )


@strawberry.type(description="The wallet of the signed-in user.", directives=[of_viewer()])
class Wallet(Node):
    """Describes a `models.wallets.WalletRow`."""

    id: strawberry.ID = node_id("Wallet", owner="owner_id")
    currency: Currency = strawberry.field(description="The currency of the wallet.")
    available: Money = money("available", "What can be spent now.")
    pending: Money = money("pending", "What is coming in and cannot be spent yet.")
    entries: Connection[WalletEntry] | None = connection(
        "entries_by_owner",
        key=("owner_id",),
        of_type="WalletEntry",
        list_name="Wallet.entries",
        description="The entries, newest first.",
    )


@strawberry.type(description="A card of the signed-in user, stored by the payment provider.", directives=[of_viewer()])
class PaymentMethod(Node):
    """Describes a `models.wallets.PaymentMethodRow`."""

    id: strawberry.ID = node_id("PaymentMethod", owner="owner_id")
    brand: str = strawberry.field(description="The card's brand in lower case, such as `visa`.")
    last_four: str = strawberry.field(description="The last four digits of the card number.")
    expires_on: date | None = strawberry.field(
        description="The last day on which the card is valid; null if it has none."
    )
    is_default: bool = strawberry.field(description="Whether it is the default payment method.")
