"""Cards at Stripe: payment methods that are attached to one customer per user."""

import calendar
import re
from datetime import date

import msgspec
import stripe

from adapters.payments.base import Card, CardRejected, InvalidToken
from adapters.payments.stripe.errors import log_rejection, translated
from adapters.payments.stripe.objects import read

_TOKEN = re.compile(r"(tok|pm)_[A-Za-z0-9_]{1,200}")
_PAGE = 100
_REFERENCE = re.compile(r"(cus_[A-Za-z0-9_]{1,200})/(pm_[A-Za-z0-9_]{1,200})")


class CardFacts(msgspec.Struct):
    """The parts of a card that may be shown."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int


class Method(msgspec.Struct):
    """A payment method."""

    id: str
    card: CardFacts | None = None


class Customer(msgspec.Struct):
    """A customer."""

    id: str
    created: int
    metadata: dict[str, str] | None = None


class StoredCard(msgspec.Struct):
    """A customer and a payment method, which are both needed to charge a card."""

    customer: str
    method: str


def read_reference(reference: str) -> StoredCard | None:
    """Returns the parts of a reference. None: it is not one of Stripe."""
    match = _REFERENCE.fullmatch(reference)
    return StoredCard(match[1], match[2]) if match else None


async def add_card(client: stripe.StripeClient, owner_id: int, token: str, key: str) -> Card:
    """Attaches the card of a token, or a payment method that the app created, to the customer of a user."""
    if not _TOKEN.fullmatch(token):
        raise InvalidToken
    with translated():
        try:
            method = token if token.startswith("pm_") else await _create(client, token, key)
            customer = await _customer(client, owner_id)
            attached = await client.v1.payment_methods.attach_async(
                method, {"customer": customer}, {"idempotency_key": f"attach-{key}"}
            )
        except stripe.CardError:
            raise CardRejected from None
        except stripe.InvalidRequestError:
            raise InvalidToken from None
    return _card(f"{customer}/{method}", read(attached, Method))


async def remove_card(client: stripe.StripeClient, reference: str) -> None:
    """Detaches a card from its customer. It cannot be charged any more."""
    stored = read_reference(reference)
    if stored is None:
        return
    with translated():
        try:
            await client.v1.payment_methods.detach_async(stored.method)
        except stripe.InvalidRequestError:  # it is detached, or does not exist
            return


async def _customer(client: stripe.StripeClient, owner_id: int) -> str:
    """Returns the customer of a user, which is made for the first card.

    A search finds a customer about a minute after it was made. Until then, the idempotency key gives the same one; it
    lives for 24 hours. Accounts without the search, as in India, get a new customer after that time.
    """
    customers, named = client.v1.customers, {"owner_id": str(owner_id)}
    try:
        found = await customers.search_async({"query": f"metadata['owner_id']:'{owner_id}'", "limit": _PAGE})
        known = [customer for each in found.data if (customer := read(each, Customer)).metadata == named]
    except stripe.InvalidRequestError as error:
        log_rejection(error)
        known = []
    if known:
        return min(known, key=lambda customer: (customer.created, customer.id)).id
    return (await customers.create_async({"metadata": named}, {"idempotency_key": f"customer-{owner_id}"})).id


async def _create(client: stripe.StripeClient, token: str, key: str) -> str:
    created = await client.v1.payment_methods.create_async(
        {"type": "card", "card": {"token": token}}, {"idempotency_key": f"method-{key}"}
    )
    return created.id


def _card(reference: str, method: Method) -> Card:
    card = method.card
    if card is None:
        raise InvalidToken
    last_day = calendar.monthrange(card.exp_year, card.exp_month)[1]
    return Card(reference, card.brand, card.last4, date(card.exp_year, card.exp_month, last_day))
