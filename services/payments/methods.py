"""Adds and removes payment methods: cards that the payment provider stores."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Literal, TypedDict

from adapters.payments import Card, CardRejected, InvalidToken, ProviderUnavailable
from core import text
from core.card_numbers import contains_card_number
from core.errors import account_deleted, invalid_input, not_found, payment_declined, provider_unavailable
from core.global_ids import GlobalId
from core.viewer import SignedIn
from events import PaymentMethodAdded, PaymentMethodRemoved
from models.wallets import PAYMENT_METHOD_COLUMNS, PaymentMethodRow
from services.payments.inputs import AddPaymentMethod
from services.resources import Resources
from services.unit_of_work import UnitOfWork, in_unit_of_work

MAX_METHODS = 20
MAX_TOKEN_LENGTH = 200

_TOKEN = "input.providerToken"  # noqa: S105 - the name of a field
_METHOD = "input.paymentMethodId"

_LAST_REMOVED = "SELECT COALESCE(MAX(id), 0) AS id FROM payment_methods WHERE owner_id = $1 AND removed_at IS NOT NULL"
_LOCK_OWNER = "SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE"
_COUNT = "SELECT COUNT(*) AS methods FROM payment_methods WHERE owner_id = $1 AND removed_at IS NULL"
_BY_REFERENCE = (
    f"SELECT {PAYMENT_METHOD_COLUMNS.sql()} FROM payment_methods m "  # noqa: S608 - built from constants
    "WHERE m.owner_id = $1 AND m.provider_reference = $2 AND m.removed_at IS NULL"
)
_INSERT = (
    "INSERT INTO payment_methods (owner_id, id, provider_reference, brand, last_four, expires_on, is_default, "
    "created_at, removed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
)
_ONLY_DEFAULT = "UPDATE payment_methods SET is_default = (id = $2) WHERE owner_id = $1 AND is_default <> (id = $2)"
_REMOVE = (
    "UPDATE payment_methods SET removed_at = $3, is_default = false "
    "WHERE owner_id = $1 AND id = $2 AND removed_at IS NULL RETURNING id"
)
_NEXT_DEFAULT = (
    "UPDATE payment_methods SET is_default = true WHERE owner_id = $1 AND id = (SELECT MAX(m.id) "
    "FROM payment_methods m WHERE m.owner_id = $1 AND m.removed_at IS NULL) AND NOT EXISTS (SELECT 1 "
    "FROM payment_methods m WHERE m.owner_id = $1 AND m.removed_at IS NULL AND m.is_default)"
)
_WAS_THERE = "SELECT id FROM payment_methods WHERE owner_id = $1 AND id = $2"

AddPaymentMethodSuccessRow = TypedDict(
    "AddPaymentMethodSuccessRow",
    {"__typename": Literal["AddPaymentMethodSuccess"], "payment_method": PaymentMethodRow},
)
RemovePaymentMethodSuccessRow = TypedDict(
    "RemovePaymentMethodSuccessRow",
    {"__typename": Literal["RemovePaymentMethodSuccess"], "owner_id": int, "id": int},
)


async def add_payment_method(viewer: SignedIn, resources: Resources, request: AddPaymentMethod) -> Mapping[str, Any]:
    """Adds a card and returns an `AddPaymentMethodSuccessRow`. A repeated token returns the same card.

    Raises `ProblemError` if the provider does not accept the card or does not answer, or if there are too many.
    """
    card = await _store_card(viewer, resources, _checked_token(request.provider_token))

    async def step(work: UnitOfWork) -> PaymentMethodRow | Exception:
        return await _add(viewer, work, resources, card, make_default=request.make_default)

    method = await in_unit_of_work(resources, step, viewer)
    if isinstance(method, Exception):
        raise method
    return {"__typename": "AddPaymentMethodSuccess", "payment_method": method}


def _checked_token(token: str) -> str:
    if text.line(token, max_length=MAX_TOKEN_LENGTH) != token or any(map(str.isspace, token)):
        raise invalid_input(_TOKEN, "Send the token as the SDK of the payment provider returned it.")
    if contains_card_number(token):
        raise invalid_input(_TOKEN, "Never send a card number. Send the token that the SDK returned for the card.")
    return token


async def _store_card(viewer: SignedIn, resources: Resources, token: str) -> Card:
    """Returns the card that the provider has stored for the token.

    The key makes a repeated request return the same card. A card that was removed meanwhile is stored anew.
    """
    (row,) = await resources.database.fetch(_LAST_REMOVED, viewer.user_id)
    key = blake2b(f"{viewer.user_id}:{row['id']}:{token}".encode(), digest_size=16).hexdigest()
    try:
        return await resources.payments.add_card(viewer.user_id, token, key)
    except InvalidToken:
        raise invalid_input(_TOKEN, "The payment provider does not know this token, or it was used.") from None
    except CardRejected:
        raise payment_declined(_TOKEN, "The card was not accepted. Use another one.") from None
    except ProviderUnavailable:
        raise provider_unavailable("Cards cannot be added at the moment. Try again later.") from None


async def _add(
    viewer: SignedIn, work: UnitOfWork, resources: Resources, card: Card, *, make_default: bool
) -> PaymentMethodRow | Exception:
    """Writes the card, or returns the error that prevents it.

    A card that cannot be added is written as a removed one, so that the job `detach_card` removes it at the provider.
    """
    transaction, user_id = await work.transaction(), viewer.user_id
    account = await transaction.fetch(_LOCK_OWNER, user_id)
    found = await transaction.fetch(_BY_REFERENCE, user_id, card.reference)
    if found and account:
        return await _with_default(work, user_id, found[0], make_default=make_default)
    (row,) = await transaction.fetch(_COUNT, user_id)
    error = None if account else account_deleted()
    if error is None and row["methods"] >= MAX_METHODS:
        error = invalid_input(_TOKEN, f"You have {MAX_METHODS} cards. Remove one first.")
    method_id, now = resources.ids.next(), resources.clock()
    is_default = error is None and row["methods"] == 0
    values = (user_id, method_id, *card, is_default, now, None if error is None else now)
    await transaction.fetch(_INSERT, *values)
    if error is not None:
        work.emit(PaymentMethodRemoved(actor_id=user_id, method_id=method_id))
        return error
    work.emit(PaymentMethodAdded(actor_id=user_id, method_id=method_id))
    (method,) = await transaction.fetch(_BY_REFERENCE, user_id, card.reference)
    return await _with_default(work, user_id, method, make_default=make_default)


async def _with_default(
    work: UnitOfWork, user_id: int, method: PaymentMethodRow, *, make_default: bool
) -> PaymentMethodRow:
    """Returns the card after it has become the default one, if it should."""
    if make_default and not method["is_default"]:
        await (await work.transaction()).fetch(_ONLY_DEFAULT, user_id, method["id"])
        method["is_default"] = True
    return method


async def remove_payment_method(viewer: SignedIn, resources: Resources, method: GlobalId) -> Mapping[str, Any]:
    """Removes a card and returns a `RemovePaymentMethodSuccessRow`. A removed card stays removed.

    The job `detach_card` removes it at the provider. Raises `ProblemError` if the viewer has no such card.
    """
    await in_unit_of_work(resources, lambda work: _remove(viewer, work, resources, method), viewer)
    return {"__typename": "RemovePaymentMethodSuccess", "owner_id": method.owner_id, "id": method.id}


async def _remove(viewer: SignedIn, work: UnitOfWork, resources: Resources, method: GlobalId) -> None:
    user_id = viewer.user_id
    transaction = await work.transaction()
    await transaction.fetch(_LOCK_OWNER, user_id)
    if method.owner_id != user_id or not await transaction.fetch(_WAS_THERE, user_id, method.id):
        raise not_found(_METHOD, "This card does not exist.")
    if not await transaction.fetch(_REMOVE, user_id, method.id, resources.clock()):
        work.repeat(PaymentMethodRemoved(actor_id=user_id, method_id=method.id))
        return
    await transaction.fetch(_NEXT_DEFAULT, user_id)
    work.emit(PaymentMethodRemoved(actor_id=user_id, method_id=method.id))
