"""The job that asks the payment provider about open payments, and settles them."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from adapters.payments import PaymentKey, ProviderUnavailable
from core.errors import Unavailable
from services.jobs.job import Job, Outcome
from services.payments.pending import PendingPayment, ask_charge, ask_refund, find_pending
from services.payments.settle import postpone, settle_charge, settle_refund
from services.resources import Resources
from services.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""The payments about which the provider is asked at the same time."""

_SHARE = 0.5
"""The share of a job's time after which no further batch begins."""

_CLAIM = (
    "UPDATE open_payments SET due_at = $2, attempts = attempts + 1 WHERE (owner_id, payment_id) IN (SELECT owner_id, "
    "payment_id FROM open_payments WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED) "
    "RETURNING owner_id, payment_id"
)


async def settle_payments(work: UnitOfWork, resources: Resources, _job: Job) -> Outcome:
    """Settles open payments that are due, for at most half of a job's time.

    The job's own transaction is not begun: each payment is settled in one of its own. A payment whose provider does not
    answer is due again after a pause.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + _SHARE * resources.settings.work_deadline
    while loop.time() < ends_at and not work.is_begun:
        keys = await _claim_due(resources)
        await asyncio.gather(*(_settle(resources, key) for key in keys))
        if len(keys) < AT_ONCE:
            return Outcome.DONE
    return Outcome.MORE


async def _claim_due(resources: Resources) -> Sequence[PaymentKey]:
    """Returns due payments, which other workers do not take meanwhile.

    If this process dies, they are due again after twice the time of a job.
    """
    now = resources.clock()
    again_at = now + timedelta(seconds=2 * resources.settings.work_deadline)
    rows = await resources.database.fetch(_CLAIM, now, again_at, AT_ONCE)
    return [PaymentKey(row["owner_id"], row["payment_id"]) for row in rows]


async def _settle(resources: Resources, key: PaymentKey) -> None:
    """Settles one payment. Reports a failure and raises nothing, so that the other payments are settled too."""
    try:
        pending = await find_pending(resources.database, key)
        if pending is None or not await settle_pending(resources, pending):
            await postpone(resources.database, key, resources.clock())
    except (ProviderUnavailable, Unavailable) as error:
        logger.warning("a payment waits for the provider: %s", type(error).__name__, extra=key._asdict())
        await postpone(resources.database, key, resources.clock())
    except Exception as error:  # noqa: BLE001 - counted; the payment is due again
        resources.background.report_failure("settle_payments", error)


async def settle_pending(resources: Resources, pending: PendingPayment) -> bool:
    """Makes a payment what it is at the provider. Returns False if the provider does not know it yet.

    Raises `ProviderUnavailable`.
    """
    if pending.kind == "REFUND":
        refund = await ask_refund(resources.payments, pending, resources.clock())
        await settle_refund(resources, pending.key, refund)
        return True
    charge = await ask_charge(resources, pending)
    if charge is not None:
        await settle_charge(resources, pending.key, charge)
    return charge is not None
