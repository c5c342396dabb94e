"""The job that removes a removed card at the payment provider."""

import logging

from adapters.payments import ProviderUnavailable
from services.jobs.job import Job, Outcome
from services.resources import Resources
from services.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

DETACHED = ""
"""The `provider_reference` of a card that the provider does not store any more."""

_REFERENCE = (
    "SELECT provider_reference FROM payment_methods WHERE owner_id = $1 AND id = $2 AND removed_at IS NOT NULL "
    "AND provider_reference <> ''"
)
_FORGET = "UPDATE payment_methods SET provider_reference = '' WHERE owner_id = $1 AND id = $2"


_IS_CHARGED = (
    "SELECT 1 AS one FROM open_payments o JOIN payments p ON p.owner_id = o.owner_id AND p.id = o.payment_id "
    "WHERE o.owner_id = $1 AND p.method_id = $2 LIMIT 1"
)


async def detach_card(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
    """Removes the card at the provider, then forgets its reference.

    No connection of the database is held during the call. If the provider does not answer, the job runs
    again later, as often as it takes: it never becomes a dead letter for that. It also waits for open payments with the
    card, because their charges are found by its reference.
    """
    key = (job.key.owner_id, job.data["method_id"])
    if await work.queries.fetch(_IS_CHARGED, *key):
        return Outcome.LATER
    rows = await work.queries.fetch(_REFERENCE, *key)
    if rows:
        try:
            await resources.payments.remove_card(rows[0]["provider_reference"])
        except ProviderUnavailable as error:
            facts = {"owner_id": key[0], "method_id": key[1]}
            logger.warning("the removal of a card waits for the provider: %s", error, extra=facts)
            return Outcome.LATER
        await (await work.transaction()).fetch(_FORGET, *key)
    return Outcome.DONE
