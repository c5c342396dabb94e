"""Jobs of newer releases, which an operator gives up."""

import logging

from services.jobs.table import UnknownJob, UnreadableJob, acquire_lease, dead_letter
from services.resources import Resources

logger = logging.getLogger(__name__)

GIVEN_UP = "an operator gave up the job, because no running release knows its handler"


async def give_up_job(resources: Resources, unknown: UnknownJob) -> bool:
    """Makes a job a dead letter. False if a worker has taken it meanwhile."""
    try:
        job = await acquire_lease(resources, unknown.offer)
    except UnreadableJob as error:
        job = error.job
    if job is None:
        return False
    async with resources.database.transaction() as transaction:
        if not await dead_letter(transaction, job, GIVEN_UP, resources.clock()):
            return False
    facts = {"handler": job.key.handler, "event_id": job.key.event_id}
    logger.error("a job of a newer release was given up", extra=facts)
    return True
