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
    "SELECT m.provider_reference, EXISTS (SELECT 1 FROM payment_methods a WHERE a.owner_id = m.owner_id "
    "AND a.provider_reference = m.provider_reference AND a.removed_at IS NULL) AS is_used FROM payment_methods m "
    "WHERE m.owner_id = $1 AND m.id = $2 AND m.removed_at IS NOT NULL AND m.provider_reference <> ''"
)
_FORGET = "UPDATE payment_methods SET provider_reference = '' WHERE owner_id = $1 AND id = $2"
_IS_CHARGED = (
    "SELECT 1 AS one FROM open_payments o JOIN payments p ON p.owner_id = o.owner_id AND p.id = o.payment_id "
    "JOIN payment_methods c ON c.owner_id = p.owner_id AND c.id = p.method_id "
    "JOIN payment_methods m ON m.owner_id = c.owner_id AND m.provider_reference = c.provider_reference "
    "WHERE o.owner_id = $1 AND m.id = $2 LIMIT 1"
)
"""Finds open payments with the card, also those of another row of the same card."""


async def detach_card(work: UnitOfWork, resources: Resources, job: Job) -> Outcome:
    """Removes the card at the provider, then forgets its reference.

    No connection of the database is held during the call. If the provider does not answer, the job runs
    again later, as often as it takes: it never becomes a dead letter for that. It also waits for open payments with the
    card, because their charges are found by its reference. A card that was added again meanwhile stays at the provider.
    """
    key = (job.key.owner_id, job.data["method_id"])
    if await work.queries.fetch(_IS_CHARGED, *key):
        return Outcome.LATER
    rows = await work.queries.fetch(_REFERENCE, *key)
    if rows and rows[0]["is_used"]:
        await (await work.transaction()).fetch(_FORGET, *key)
    elif rows:
        try:
            await resources.payments.remove_card(rows[0]["provider_reference"])
        except ProviderUnavailable as error:
            facts = {"owner_id": key[0], "method_id": key[1]}
            logger.warning("the removal of a card waits for the provider: %s", error, extra=facts)
            return Outcome.LATER
        await (await work.transaction()).fetch(_FORGET, *key)
    return Outcome.DONE
