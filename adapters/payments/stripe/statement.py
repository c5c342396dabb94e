"""The balance transactions of Stripe as a statement."""

import math
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import msgspec
import stripe

from adapters.payments.base import LineKind, RefundState, StatementLine
from adapters.payments.stripe.errors import translated
from adapters.payments.stripe.objects import Dispute, Refund, StripeMoney, convert, read

_PAGE = 100
_CHARGES, _REFUNDS = frozenset({"charge", "payment"}), frozenset({"refund", "payment_refund"})
_RETURNED, _ADJUSTMENT = "refund_failure", "adjustment"


class _Movement(msgspec.Struct):
    """A balance transaction. `source` is an object because it is expanded. Some adjustments have none."""

    type: str
    amount: int
    created: int
    reporting_category: str | None = None
    source: dict[str, Any] | None = None


async def statement(client: stripe.StripeClient, since: datetime, until: datetime) -> AsyncGenerator[StatementLine]:
    """Yields charges, refunds, refunds that came back, and disputes, in the currencies of the charges.

    A refund that is not final is not in it yet. One that failed has two lines: Stripe takes its money when it is
    created, and returns it when it fails.
    """
    with translated():
        page = await client.v1.balance_transactions.list_async(
            {
                "created": {"gte": math.ceil(since.timestamp()), "lt": math.ceil(until.timestamp())},
                "expand": ["data.source"],
                "limit": _PAGE,
            }
        )
        async for found in page.auto_paging_iter():
            line = _line(read(found, _Movement))
            if line:
                yield line


def _line(movement: _Movement) -> StatementLine | None:
    """Returns the line of a movement. None: it is no charge, refund or dispute, or not final."""
    if movement.source is None:
        return None
    at = datetime.fromtimestamp(movement.created, UTC)
    if movement.type in _CHARGES:
        made = convert(movement.source, StripeMoney)
        reference = made.payment_intent or made.id
        return StatementLine(LineKind.CHARGE, reference, made.payment, made.payment_intent, made.amount, made.code, at)
    if movement.type in _REFUNDS or _is_returned(movement):
        return _refund_line(movement, convert(movement.source, Refund), at)
    if movement.type == _ADJUSTMENT and movement.source.get("object") == "dispute":
        return _dispute_line(movement, convert(movement.source, Dispute), at)
    return None


def _is_returned(movement: _Movement) -> bool:
    """Returns whether a refund came back. Stripe also tells it as an adjustment of a category of its own."""
    is_adjustment = movement.type == _ADJUSTMENT and movement.reporting_category == _RETURNED
    return movement.type == _RETURNED or is_adjustment


def _refund_line(movement: _Movement, refund: Refund, at: datetime) -> StatementLine | None:
    kind = LineKind.REFUND_RETURNED if _is_returned(movement) else LineKind.REFUND
    if kind is LineKind.REFUND and refund.state is RefundState.PROCESSING:
        return None
    return StatementLine(kind, refund.id, refund.payment, refund.payment_intent, refund.amount, refund.code, at)


def _dispute_line(movement: _Movement, dispute: Dispute, at: datetime) -> StatementLine:
    is_returned = movement.amount > 0
    kind = LineKind.CHARGEBACK_REVERSED if is_returned else LineKind.CHARGEBACK
    amount = dispute.moved(is_returned=is_returned)
    return StatementLine(kind, dispute.id, None, dispute.payment_intent, amount, dispute.code, at, dispute.id)
