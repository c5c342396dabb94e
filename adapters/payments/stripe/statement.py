"""The balance transactions of Stripe as a statement."""

import math
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import msgspec
import stripe

from adapters.payments.base import LineKind, RefundState, StatementLine
from adapters.payments.stripe.errors import translated
from adapters.payments.stripe.objects import Refund, read

_PAGE = 100
_CHARGES, _REFUNDS = frozenset({"charge", "payment"}), frozenset({"refund", "payment_refund"})


class _Source(Refund):
    """A charge, a refund or a dispute."""

    object: str = ""


class _Movement(msgspec.Struct):
    """A balance transaction. `source` is an object only if it is expanded, and has an amount."""

    type: str
    amount: int
    created: int
    source: _Source


class _Kind(msgspec.Struct):
    type: str


async def statement(client: stripe.StripeClient, since: datetime, until: datetime) -> AsyncGenerator[StatementLine]:
    """Yields charges, refunds that did not fail, and disputes, in the currencies and amounts of the charges."""
    with translated():
        page = await client.v1.balance_transactions.list_async(
            {
                "created": {"gte": math.ceil(since.timestamp()), "lt": math.ceil(until.timestamp())},
                "expand": ["data.source"],
                "limit": _PAGE,
            }
        )
        async for found in page.auto_paging_iter():
            if read(found, _Kind).type in _CHARGES | _REFUNDS | {"adjustment"}:
                line = _line(read(found, _Movement))
                if line:
                    yield line


def _line(movement: _Movement) -> StatementLine | None:
    source = movement.source
    kind = _line_kind(movement)
    if kind is None:
        return None
    at = datetime.fromtimestamp(movement.created, UTC)
    payment = source.payment if kind in {LineKind.CHARGE, LineKind.REFUND} else None
    reference = source.payment_intent or source.id if kind is LineKind.CHARGE else source.id
    return StatementLine(kind, reference, payment, source.payment_intent, source.amount, source.code, at)


def _line_kind(movement: _Movement) -> LineKind | None:
    if movement.type in _CHARGES:
        return LineKind.CHARGE
    if movement.type in _REFUNDS:
        return LineKind.REFUND if movement.source.state is RefundState.SUCCEEDED else None
    if movement.source.object != "dispute":
        return None
    return LineKind.CHARGEBACK if movement.amount < 0 else LineKind.CHARGEBACK_REVERSED
