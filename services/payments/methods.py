"""Adds and removes payment methods."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from core.global_ids import GlobalId
from core.viewer import SignedIn
from models.wallets import PaymentMethodRow
from services.payments.inputs import AddPaymentMethod
from services.resources import Resources

AddPaymentMethodSuccessRow = TypedDict(
    "AddPaymentMethodSuccessRow",
    {"__typename": Literal["AddPaymentMethodSuccess"], "payment_method": PaymentMethodRow},
)
RemovePaymentMethodSuccessRow = TypedDict(
    "RemovePaymentMethodSuccessRow",
    {"__typename": Literal["RemovePaymentMethodSuccess"], "owner_id": int, "id": int},
)


async def add_payment_method(viewer: SignedIn, resources: Resources, request: AddPaymentMethod) -> Mapping[str, Any]:
    """Adds a card and returns an `AddPaymentMethodSuccessRow`."""
    raise NotImplementedError


async def remove_payment_method(viewer: SignedIn, resources: Resources, method: GlobalId) -> Mapping[str, Any]:
    """Removes a card and returns a `RemovePaymentMethodSuccessRow`."""
    raise NotImplementedError
