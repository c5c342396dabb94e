"""Makes payments in the order of their time, with their ledger entries.

The database moves the balances of wallets with the entries, so wallets come first, and are empty. The two entries of a
top-up are its sum: a succeeded one has nothing on PENDING, and a failed one has nothing at all.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from core.ids import time_of
from services.maintenance.seed.texts import DEMO_HANDLES, NOTES
from services.maintenance.seed.world import Chunk, Row, World, in_groups, instant

CURRENCY = "EUR"
_PAYMENTS_EACH = 10
_AT_ONCE = 20_000
_TOP_UPS = 0.2

_PAYMENT_COLUMNS = (
    "owner_id",
    "id",
    "kind",
    "status",
    "amount",
    "refunded_amount",
    "currency",
    "note",
    "failure_code",
    "created_at",
    "updated_at",
    "sealed_at",
)
_COLUMNS = {
    "ledger_entries": (
        "owner_id",
        "id",
        "account",
        "payment_owner_id",
        "payment_id",
        "amount",
        "currency",
        "balance_after",
        "created_at",
    ),
    "payments": _PAYMENT_COLUMNS,
    "payment_parties": ("owner_id", "payment_id", "payment_owner_id", "direction", "counterparty_id"),
}


class Planned(NamedTuple):
    """A payment to make; without a recipient it is a top-up. Users are indexes in the world."""

    payer: int
    recipient: int | None
    amount: int
    declined: bool = False


def _demo_payments() -> list[Planned]:
    """Each demo user tops up, pays the three others, and has one declined card."""
    demo = range(len(DEMO_HANDLES))
    top_ups = [Planned(person, None, 50_000) for person in demo]
    transfers = [Planned(person, other, 1_000 + 250 * other) for person in demo for other in demo if other != person]
    return [*top_ups, *transfers, *(Planned(person, None, 20_000, declined=True) for person in demo)]


class _Books:
    """The balances while payments are made, and the rows of the payments."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.balances = [0] * world.size
        self.tables: dict[str, list[Row]] = {table: [] for table in _COLUMNS}

    def pay(self, planned: Planned, milliseconds: int) -> None:
        world, payer_id = self._world, self._world.user_ids[planned.payer]
        payment_id, created = world.id_at(milliseconds), instant(milliseconds)
        done = instant(world.soon(milliseconds, 2))
        kind, recipient = ("TOP_UP", None) if planned.recipient is None else ("TRANSFER", planned.recipient)
        recipient_id = None if recipient is None else world.user_ids[recipient]
        status, failure = ("FAILED", "DECLINED") if planned.declined else ("SUCCEEDED", None)
        note = None if recipient is None else world.one_of(NOTES)
        amount = (planned.amount, 0, CURRENCY)
        self.tables["payments"].append(
            (payer_id, payment_id, kind, status, *amount, note, failure, created, done, done)
        )
        direction = "IN" if recipient is None else "OUT"
        self.tables["payment_parties"].append((payer_id, payment_id, payer_id, direction, recipient_id))
        if planned.declined:
            return
        if recipient is None or recipient_id is None:
            self._enter(planned.payer, "PROVIDER", -planned.amount, milliseconds, (payer_id, payment_id))
            self._enter(planned.payer, "WALLET", planned.amount, milliseconds, (payer_id, payment_id))
        else:
            self.tables["payment_parties"].append((recipient_id, payment_id, payer_id, "IN", payer_id))
            self._enter(planned.payer, "WALLET", -planned.amount, milliseconds, (payer_id, payment_id))
            self._enter(recipient, "WALLET", planned.amount, milliseconds, (payer_id, payment_id))
            subject = ("Payment", payer_id, payment_id)
            world.note(recipient_id, "PAYMENT_RECEIVED", payer_id, milliseconds, subject)

    def _enter(self, person: int, account: str, amount: int, milliseconds: int, payment: tuple[int, int]) -> None:
        balance = None
        if account == "WALLET":
            balance = self.balances[person] = self.balances[person] + amount
        entry_id, owner_id = self._world.id_at(milliseconds), self._world.user_ids[person]
        self.tables["ledger_entries"].append(
            (owner_id, entry_id, account, *payment, amount, CURRENCY, balance, instant(milliseconds))
        )

    def take(self) -> Iterator[Chunk]:
        """Returns the rows since the last call. Entries come before the payments that seal them."""
        for table, rows in self.tables.items():
            yield Chunk(table, _COLUMNS[table], rows)
        self.tables = {table: [] for table in _COLUMNS}


def make_payments(world: World) -> Iterator[Chunk]:
    yield _wallets(world)
    books, scripted = _Books(world), _demo_payments()
    total = world.size * _PAYMENTS_EACH
    fixed = {(number + 1) * total // (len(scripted) + 1): planned for number, planned in enumerate(scripted)}
    for places in in_groups(range(total), _AT_ONCE):
        for place in places:
            books.pay(fixed.get(place) or _random_payment(world, books), world.slot(place, total))
        yield from books.take()
    yield _payment_methods(world)


def _random_payment(world: World, books: _Books) -> Planned:
    """Returns a random payment, or a top-up if the payer has no money."""
    payer = world.between(len(DEMO_HANDLES), world.size - 1)
    available = books.balances[payer]
    if available < 100 or world.chance() < _TOP_UPS:  # noqa: PLR2004 - a unit of the currency
        return Planned(payer, None, 500 * world.between(2, 40))
    (recipient,) = world.others(payer, 1)
    return Planned(payer, recipient, world.between(50, min(available, 5_000)))


def _wallets(world: World) -> Chunk:
    columns = ("owner_id", "id", "currency", "available", "pending", "created_at")
    return Chunk(
        "wallets", columns, [(user_id, user_id, CURRENCY, 0, 0, time_of(user_id)) for user_id in world.user_ids]
    )


def _payment_methods(world: World) -> Chunk:
    methods: list[Row] = []
    for person, user_id in enumerate(world.user_ids):
        brand, number = ("visa", "mastercard", "amex")[person % 3], world.between(1000, 9999)
        expires = date(2027 + person % 4, 1 + person % 12, 28)
        methods.append((user_id, user_id, f"pm_seed_{person}", brand, str(number), expires, True, time_of(user_id)))
    card = ("owner_id", "id", "provider_reference", "brand", "last_four", "expires_on", "is_default", "created_at")
    return Chunk("payment_methods", card, methods)
