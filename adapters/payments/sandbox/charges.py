"""The cards and charges of the sandbox."""

import sqlite3

from adapters.payments.base import (
    Action,
    Card,
    CardRejected,
    ChargeState,
    InvalidToken,
    PaymentKey,
    ProviderCharge,
    RequestRejected,
    WebhookKind,
)
from adapters.payments.sandbox.cards import BEHAVIOURS, REJECTED_TOKEN, Behaviour, seeded_card
from adapters.payments.sandbox.records import Records, key_of, reference

_OPEN = (ChargeState.REQUIRES_ACTION, ChargeState.PROCESSING)
_INSERT = (
    "INSERT INTO charges (reference, owner_id, payment_id, method, amount, currency, state, secret, moved_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Charges(Records):
    """Stores cards and charges them. Every method is one transaction."""

    def add_card(self, owner_id: int, token: str, key: str) -> Card:
        """Stores the card of a token. The same key with another token or owner is rejected."""
        if token == REJECTED_TOKEN:
            raise CardRejected
        if token not in BEHAVIOURS:
            raise InvalidToken
        with self.writing():
            self.run(
                "INSERT INTO cards (reference, key, owner_id, token) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                reference("pm"), key, owner_id, token,
            )  # fmt: skip
            card = self.require("SELECT * FROM cards WHERE key = ?", key)
        if (card["owner_id"], card["token"]) != (owner_id, token):
            raise RequestRejected("the key was used for another card")
        return BEHAVIOURS[token].card(card["reference"])

    def remove_card(self, card: str) -> None:
        with self.writing():
            self.run("UPDATE cards SET removed = 1 WHERE reference = ?", card)

    def charge(
        self, payment: PaymentKey, method: str, amount: int, currency: str, state: ChargeState | None = None
    ) -> ProviderCharge:
        """Charges a card, once per payment. A new charge has the state of the card, or the one that is given.

        The same payment with another request is rejected.
        """
        with self.writing():
            found = self._charge_of(payment)
            if found is not None:
                if (found["method"], found["amount"], found["currency"]) != (method, amount, currency):
                    raise RequestRejected("the key was used for another charge")
                return _charge(found)
            behaviour = self.behaviour(method)
            begins = ChargeState.DECLINED if behaviour is None or amount <= 0 else state or behaviour.charges
            moved_at = self.now() if begins is ChargeState.SUCCEEDED else None
            charge = reference("ch")
            self.run(_INSERT, charge, *payment, method, amount, currency, begins, reference("secret"), moved_at)
            return self._changed(charge)

    def find_charge(self, payment: PaymentKey, given: str | None = None) -> ProviderCharge | None:
        """Returns the charge of a payment. Raises `ForeignReference` if a given reference names another charge."""
        with self.writing():
            found = self.belonging(self._charge_of(payment), "charges", given)
            return None if found is None else _charge(found)

    def finish_charge(self, charge: str, state: ChargeState) -> ProviderCharge:
        """Gives a charge that is not final its final state, and returns the charge as it is then."""
        with self.writing():
            found = self.require("SELECT * FROM charges WHERE reference = ?", charge)
            if found["state"] not in _OPEN:
                return _charge(found)
            moved_at = self.now() if state is ChargeState.SUCCEEDED else None
            self.run("UPDATE charges SET state = ?, moved_at = ? WHERE reference = ?", state, moved_at, charge)
            return self._changed(charge)

    def charges(self) -> list[dict[str, object]]:
        """Returns all charges, with the columns of the table."""
        with self.writing():
            return [dict(row) for row in self.rows("SELECT * FROM charges ORDER BY owner_id, payment_id")]

    def behaviour(self, method: str) -> Behaviour | None:
        """Returns what charges of a card become. None: there is no such card."""
        card = self.one("SELECT token FROM cards WHERE reference = ? AND removed = 0", method)
        return seeded_card(method) if card is None else BEHAVIOURS[card["token"]]

    def _charge_of(self, payment: PaymentKey) -> sqlite3.Row | None:
        return self.one("SELECT * FROM charges WHERE owner_id = ? AND payment_id = ?", *payment)

    def _changed(self, charge: str) -> ProviderCharge:
        """Returns a charge that the transaction wrote, and writes an event about it."""
        row = self.require("SELECT * FROM charges WHERE reference = ?", charge)
        self.tell(WebhookKind.CHARGE_CHANGED, key_of(row), charge, row["amount"], row["currency"])
        return _charge(row)


def _charge(row: sqlite3.Row) -> ProviderCharge:
    state = ChargeState(row["state"])
    action = Action(None, row["secret"]) if state is ChargeState.REQUIRES_ACTION else None
    return ProviderCharge(row["reference"], state, row["amount"], row["currency"], action)
