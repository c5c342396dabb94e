"""The rules that refunds of transfers and of top-ups have in common."""

from typing import Literal, TypedDict

from core.errors import invalid_input, refund_exceeds_payment
from core.money import format_amount
from models.payments import PaymentRow
from services.idempotency import IdempotentRequest
from services.payments.inputs import RefundPayment
from services.payments.records import StoredPayment

PAYMENT, AMOUNT = "input.paymentId", "input.amount"
NO_PAYMENT = "The payment does not exist."

RefundPaymentSuccessRow = TypedDict(
    "RefundPaymentSuccessRow",
    {"__typename": Literal["RefundPaymentSuccess"], "payment": PaymentRow, "refund": PaymentRow, "replayed": bool},
)


def idempotent_request(request: RefundPayment) -> IdempotentRequest:
    """Returns the request with what identifies it. Everything that is left is another input than any amount."""
    inputs = (request.original.owner_id, request.original.id, *(request.amount or ()))
    return IdempotentRequest("refundPayment", inputs, request.idempotency_key)


def refund_amount(original: StoredPayment, request: RefundPayment, pending: int = 0) -> int:
    """Returns the amount to refund of a locked payment. Raises `ProblemError` if so much is not left of it.

    `pending` is the sum of its refunds that wait for the payment provider.
    """
    if original.status in ("PENDING", "FAILED"):
        raise invalid_input(PAYMENT, "Only a payment that has succeeded can be refunded.")
    left = max(0, original.amount - original.refunded_amount - pending)
    if request.amount is None and left == 0:
        raise refund_exceeds_payment(PAYMENT, "Nothing is left of this payment.")
    amount = left if request.amount is None else request.amount.minor_units
    if amount > left:
        message = f"At most {format_amount(left, original.currency)} of this payment can still be refunded."
        raise refund_exceeds_payment(AMOUNT, message)
    return amount
