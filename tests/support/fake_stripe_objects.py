"""The objects of the fake Stripe: customers, payment methods, payment intents, refunds, disputes, their movements."""

import re
import secrets
import time
from typing import Any, NamedTuple

Record = dict[str, Any]


class Refusal(Exception):
    """An error in Stripe's form."""

    def __init__(self, status: int, kind: str, code: str = "", **more: Any) -> None:
        super().__init__(code or kind)
        self.status = status
        self.error: Record = {"type": kind, "code": code or None, "message": f"{code or kind} happened", **more}


class Behaviour(NamedTuple):
    brand: str = "visa"
    last4: str = "4242"
    year: int = 2039
    attaches: bool = True
    error: str = ""
    confirms: bool = False
    refunds: str = "succeeded"


TOKENS = {
    "tok_visa": Behaviour(),
    "tok_mastercard": Behaviour("mastercard", "4444"),
    "tok_amex": Behaviour("amex", "8431"),
    "tok_chargeDeclined": Behaviour(attaches=False),
    "tok_chargeCustomerFail": Behaviour(last4="0341", error="card_declined"),
    "tok_chargeDeclinedExpiredCard": Behaviour(last4="0069", year=2020, error="expired_card"),
    "tok_threeDSecure2Required": Behaviour(last4="3220", confirms=True),
    "tok_pendingRefund": Behaviour(last4="7726", refunds="pending"),
}
INVALID = "invalid_request_error"
CANCELLABLE = {"requires_payment_method", "requires_action", "processing"}


class Objects:
    """Changes objects as Stripe does. Parameters are flat, as in a form: `metadata[owner_id]`."""

    def __init__(self) -> None:
        self.forgets_errors = False
        """Whether a payment intent that is cancelled has no last error."""
        self.customers: dict[str, Record] = {}
        self.methods: dict[str, Record] = {}
        self.intents: dict[str, Record] = {}
        self.refunds: dict[str, Record] = {}
        self.disputes: dict[str, Record] = {}
        self.movements: list[Record] = []

    def create_customer(self, given: Record) -> Record:
        return self._kept(self.customers, "cus", "customer", metadata=metadata(given))

    def search_customers(self, query: str) -> list[Record]:
        """Returns the customers whose metadata have a value: `metadata['name']:'value'`."""
        match = re.fullmatch(r"metadata\['([a-z_]+)'\]:'([^']*)'", query)
        if match is None:
            raise Refusal(400, INVALID, "search_query_invalid", param="query")
        return [each for each in self.customers.values() if each["metadata"].get(match[1]) == match[2]]

    def create_method(self, given: Record) -> Record:
        behaviour = TOKENS.get(given["card[token]"])
        if behaviour is None:
            raise Refusal(400, INVALID, "resource_missing", param="card[token]")
        card = {"brand": behaviour.brand, "last4": behaviour.last4, "exp_month": 12, "exp_year": behaviour.year}
        return self._kept(self.methods, "pm", "payment_method", card=card, customer=None, behaviour=behaviour)

    def attach(self, method: str, given: Record) -> Record:
        found = need(self.methods, method)
        if not found["behaviour"].attaches:
            raise Refusal(402, "card_error", "card_declined")
        if found["customer"] not in {None, given["customer"]}:
            raise Refusal(400, INVALID, "payment_method_unexpected_state")
        found["customer"] = need(self.customers, given["customer"])["id"]
        return found

    def detach(self, method: str, _given: Record) -> Record:
        found = need(self.methods, method)
        if found["customer"] is None:
            raise Refusal(400, INVALID, "payment_method_unexpected_state")
        found["customer"] = None
        return found

    def create_intent(self, given: Record) -> Record:
        if any(name.startswith("payment_method_types") for name in given):
            raise Refusal(400, INVALID, "payment_method_types_no_longer_supported")
        assert given["confirm"] == "true"
        assert given["off_session"] == "false"
        method = need(self.methods, given["payment_method"])
        if method["customer"] != given["customer"] or method["customer"] is None:
            raise Refusal(400, INVALID, "payment_method_unactivated", param="payment_method")
        intent = self._kept(
            self.intents,
            "pi",
            "payment_intent",
            amount=int(given["amount"]),
            currency=given["currency"],
            customer=given["customer"],
            metadata=metadata(given),
            status="requires_confirmation",
            client_secret=f"secret_{secrets.token_hex(8)}",
            last_payment_error=None,
            next_action=None,
            behaviour=method["behaviour"],
        )
        return self._confirm(intent, given.get("return_url"))

    def _confirm(self, intent: Record, return_url: str | None) -> Record:
        behaviour: Behaviour = intent["behaviour"]
        if behaviour.error:
            self._decline(intent, behaviour.error)
            raise Refusal(402, "card_error", behaviour.error, payment_intent=public(intent))
        if behaviour.confirms:
            redirect = {"url": f"https://hooks.stripe.example/{intent['id']}", "return_url": return_url}
            intent["status"] = "requires_action"
            intent["next_action"] = {
                "type": "redirect_to_url" if return_url else "use_stripe_sdk",
                **({"redirect_to_url": redirect} if return_url else {}),
            }
            return intent
        return self._succeed(intent)

    def authenticate(self, intent_id: str, *, succeeds: bool = True) -> Record:
        """Does what the owner of a card does on the page of the bank."""
        intent = need(self.intents, intent_id)
        assert intent["status"] == "requires_action"
        return self._succeed(intent) if succeeds else self._decline(intent, "payment_intent_authentication_failure")

    def _succeed(self, intent: Record) -> Record:
        intent |= {"status": "succeeded", "next_action": None}
        charge = {**public(intent), "id": f"ch_{intent['id']}", "object": "charge", "payment_intent": intent["id"]}
        self.move("charge", intent["amount"], charge)
        return intent

    @staticmethod
    def _decline(intent: Record, code: str) -> Record:
        intent |= {"status": "requires_payment_method", "next_action": None, "last_payment_error": {"code": code}}
        return intent

    def cancel_intent(self, intent_id: str, given: Record) -> Record:
        intent = need(self.intents, intent_id)
        if intent["status"] not in CANCELLABLE:
            raise Refusal(400, INVALID, "payment_intent_unexpected_state")
        intent |= {"status": "canceled", "cancellation_reason": given.get("cancellation_reason")}
        if self.forgets_errors:
            intent["last_payment_error"] = None
        return intent

    def create_refund(self, given: Record) -> Record:
        intent = need(self.intents, given["payment_intent"])
        amount = int(given["amount"])
        refunds = [each for each in self.refunds.values() if each["payment_intent"] == intent["id"]]
        refunded = sum(each["amount"] for each in refunds if each["status"] != "failed")
        if intent["status"] != "succeeded" or refunded + amount > intent["amount"]:
            raise Refusal(400, INVALID, "charge_already_refunded" if refunded else "", param="amount")
        refund = self._kept(
            self.refunds,
            "re",
            "refund",
            amount=amount,
            currency=intent["currency"],
            payment_intent=intent["id"],
            metadata=metadata(given),
            status=intent["behaviour"].refunds,
        )
        self.move("refund", -amount, refund)
        return refund

    def settle_refund(self, refund_id: str, status: str = "succeeded") -> Record:
        refund = need(self.refunds, refund_id)
        refund["status"] = status
        if status == "failed":
            self.move("refund_failure", refund["amount"], refund)
        return refund

    def dispute(self, intent_id: str, *, amount: int | None = None, id_: str = "") -> Record:
        """Takes the money of a charge, or a part of it, and returns the dispute."""
        intent = need(self.intents, intent_id)
        facts = {"currency": intent["currency"], "payment_intent": intent_id, "metadata": {}}
        made: Record = {"id": id_ or f"dp_{intent_id}", "object": "dispute", "balance_transactions": [], **facts}
        made["amount"] = amount or intent["amount"]
        self.disputes[made["id"]] = made
        return self._change(made, -made["amount"])

    def win(self, dispute_id: str, amount: int | None = None) -> Record:
        """Gives back the money of a dispute, or a part of it."""
        found = need(self.disputes, dispute_id)
        return self._change(found, amount or found["amount"])

    def _change(self, dispute: Record, amount: int) -> Record:
        change = {"object": "balance_transaction", "amount": amount, "currency": dispute["currency"]}
        dispute["balance_transactions"] = [*dispute["balance_transactions"], change]
        self.move("adjustment", amount, dispute)
        return dispute

    def move(self, kind: str, amount: int, source: Record | None, **facts: Any) -> None:
        """Adds a balance transaction."""
        number = len(self.movements)
        movement = {"id": f"txn_{number}", "object": "balance_transaction", "type": kind, "amount": amount, **facts}
        self.movements.insert(0, {**movement, "created": int(time.time()), "source": source})

    @staticmethod
    def _kept(among: dict[str, Record], prefix: str, name: str, **facts: Any) -> Record:
        made: Record = {"id": f"{prefix}_{secrets.token_hex(8)}", "object": name, "created": int(time.time()), **facts}
        among[made["id"]] = made
        return made


def need(among: dict[str, Record], name: str) -> Record:
    if name not in among:
        raise Refusal(404, INVALID, "resource_missing", param="id")
    return among[name]


def metadata(given: Record) -> dict[str, str]:
    return {name[9:-1]: value for name, value in given.items() if name.startswith("metadata[")}


def public(record: Record) -> Record:
    """Returns what a response shows of an object."""
    shown = {name: public(value) if isinstance(value, dict) else value for name, value in record.items()}  # pyright: ignore[reportUnknownArgumentType]
    return {name: value for name, value in shown.items() if name != "behaviour"}
