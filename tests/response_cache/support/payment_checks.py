"""Checks payments, wallets and cards in responses, for both parties of a payment."""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import inf
from typing import Any

from tests.response_cache.support.faults import Faults, Read
from tests.response_cache.support.fields import minor_units, nodes_of
from tests.response_cache.support.history import History, User
from tests.response_cache.support.lists import Absences
from tests.response_cache.support.payments import FAILED, KINDS, PARTIALLY_REFUNDED, REFUNDED, STATES, Payment

Json = dict[str, Any]
_HOME, _WALLET = 5, 20
"""The lengths of the pages of payments and of entries."""

ShowUser = Callable[[Json, Read], User | None]


class PaymentChecks:
    """Checks what shows money. `show_user` and `show_content` check the other party of a payment."""

    def __init__(
        self,
        history: History,
        absences: Absences,
        faults: Faults,
        show_user: ShowUser,
        show_content: Callable[[str, str, Read], None],
    ) -> None:
        self._history = history
        self._absences = absences
        self._faults = faults
        self._show_user = show_user
        self._show_content = show_content
        self.checked = 0

    def viewer(self, handle: str, viewer: Json, read: Read) -> None:
        """Checks the payments, the wallet and the cards of a viewer, as far as they were asked for."""
        if viewer.get("payments"):
            self._list(handle, viewer["payments"], read)
        if "wallet" in viewer:
            self._wallet(handle, viewer["wallet"], read)
        if viewer.get("paymentMethods"):
            self._cards(handle, nodes_of(viewer["paymentMethods"]), read)

    def payment(self, node: Json, read: Read, amount: int | None = None) -> Payment | None:
        """Checks a payment wherever one is shown, and returns the one of the history."""
        self.checked += 1
        amount = minor_units(node["amount"]) if "amount" in node else amount
        kinds = (node["kind"],) if "kind" in node else KINDS
        payment = self._history.payments.find(node["id"], amount, kinds)
        if payment is None or read.viewer not in payment.parties:
            self._faults.add("payment", node["id"], read, node, "a payment of the viewer that was sent")
            return None
        if not self._history.payments.bind(payment, node["id"], self._history.parts(node["id"]).id):
            self._faults.add("id of payment", payment.name, read, node["id"], payment.id)
        if amount not in (None, payment.amount):
            self._faults.add("amount of payment", payment.name, read, amount, payment.amount)
        if "status" in node:
            self._status(payment, node, read)
        if "direction" in node:
            self._direction(payment, read.viewer, node, read)
        return payment

    def absent(self, payment: Payment, read: Read) -> None:
        """Checks a payment that was asked for by its id and is not shown."""
        if read.viewer in payment.parties:
            self._required("payment", [payment], set(), read)

    def _status(self, payment: Payment, node: Json, read: Read) -> None:
        value = STATES[node["status"]]
        self._faults.observe("status of payment", payment.name, read, payment.register, value)
        if value:
            payment.was_created(read.until)
        if "refundedAmount" in node:
            refunded = {PARTIALLY_REFUNDED: payment.refunded, REFUNDED: payment.amount}.get(value, 0)
            if minor_units(node["refundedAmount"]) != refunded:
                self._faults.add("refundedAmount", payment.name, read, node["refundedAmount"], refunded)

    def _direction(self, payment: Payment, viewer: str, node: Json, read: Read) -> None:
        expected = "OUT" if payment.change(viewer) < 0 else "IN"
        if node["direction"] != expected:
            self._faults.add("direction", payment.name, read, node["direction"], expected)
        other, shown = payment.other(viewer), node.get("counterparty")
        if shown:
            found = self._show_user(shown, read)
            if found is not None and found.handle != other:
                self._faults.add("counterparty", payment.name, read, found.handle, other)
            elif found is not None:
                self._show_content("counterparty", found.handle, read)
        elif other is not None and "counterparty" in node:
            hidden = self._absences.content_may_be_hidden(other, read)
            self._faults.observe_absent("counterparty", payment.name, read, possible=hidden)

    def _list(self, handle: str, connection: Json, read: Read) -> None:
        """Checks a first page of payments, the newest first."""
        shown = [self.payment(node, read) for node in nodes_of(connection)]
        last = shown[-1].row_id if len(shown) >= _HOME and shown[-1] is not None else 0
        newer = [payment for payment in self._history.payments.of(handle) if payment.row_id > last]
        self._required("payment in list", newer, {payment.id for payment in shown if payment is not None}, read)

    def _wallet(self, handle: str, wallet: Json | None, read: Read) -> None:
        low, high, pending = self._balance(handle, read)
        if wallet is None:
            moved = [
                payment for payment in self._history.payments.of(handle) if not self._may_have_failed(payment, read)
            ]
            self._required("wallet", moved, set(), read)
            return
        available = minor_units(wallet["available"])
        if not low <= available <= high:
            self._faults.add("available", handle, read, available, f"{low} to {high}")
        if not 0 <= minor_units(wallet["pending"]) <= pending:
            self._faults.add("pending", handle, read, wallet["pending"], f"at most {pending}")
        self._entries(handle, nodes_of(wallet["entries"]), read)

    def _balance(self, handle: str, read: Read) -> tuple[int, int, int]:
        """Returns the lowest and the highest possible balance, and the highest amount that may be coming in."""
        low = high = pending = 0
        for payment in self._history.payments.of(handle):
            values = {write.value for write in payment.register.candidates(read.since, read.until)}
            changes = {payment.change(handle) if value not in (0, FAILED) else 0 for value in values}
            low, high = low + min(changes), high + max(changes)
            if payment.kind == "TOP_UP" and values != {0} and 0 in values:
                pending += payment.amount
        return low, high, pending

    def _entries(self, handle: str, entries: Sequence[Json], read: Read) -> None:
        """Checks a first page of entries, the newest first."""
        shown: list[Payment | None] = []
        for entry in entries:
            amount = minor_units(entry["amount"])
            payment = self.payment(entry["payment"], read, abs(amount))
            if payment is not None and payment.change(handle) != amount:
                self._faults.add("amount of entry", payment.name, read, amount, payment.change(handle))
            shown.append(payment)
        for newer, older in pairwise(entries):
            before = minor_units(newer["balanceAfter"]) - minor_units(newer["amount"])
            if minor_units(older["balanceAfter"]) != before:
                self._faults.add("balanceAfter", handle, read, older["balanceAfter"], before)
        after = -inf
        if len(shown) >= _WALLET:
            after = inf if shown[-1] is None else shown[-1].created_before
        newer_ones = [
            payment
            for payment in self._history.payments.of(handle)
            if payment.created_after > after and not self._may_have_failed(payment, read)
        ]
        self._required("entry", newer_ones, {payment.id for payment in shown if payment is not None}, read)

    def _cards(self, handle: str, cards: Sequence[Json], read: Read) -> None:
        registers, shown = self._history.users[handle].cards, {card["lastFour"] for card in cards}
        for last_four in shown:
            if last_four in registers:
                self._faults.observe("card", f"{last_four} of {handle}", read, registers[last_four], 1)
            else:
                self._faults.add("card", handle, read, last_four, "a card that was added")
        self._absences.members("card in list", registers, shown, read)
        if cards and sum(card["isDefault"] for card in cards) != 1:
            self._faults.add("default card", handle, read, cards, "one default card")

    def _required(self, kind: str, required: Iterable[Payment], shown: set[str], read: Read) -> None:
        for payment in required:
            if payment.id not in shown and not payment.register.may_be_absent(read.since, read.until):
                self._faults.add(kind, payment.name, read, "absent", payment.register.writes)

    @staticmethod
    def _may_have_failed(payment: Payment, read: Read) -> bool:
        return any(write.value == FAILED for write in payment.register.candidates(read.since, read.until))
