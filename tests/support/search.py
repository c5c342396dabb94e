"""Runs the job that indexes rows which tests wrote without the services."""

from typing import Any

from services.jobs import Outcome
from services.resources import Resources
from services.search import index_words
from services.unit_of_work import unit_of_work


async def index_all(resources: Resources) -> int:
    """Runs the job until it is done; returns how often it ran."""
    job: Any = None  # the handler looks at no job
    for runs in range(1, 100):
        async with unit_of_work(resources) as work:
            if await index_words(work, resources, job) is Outcome.DONE:
                return runs
    raise AssertionError("the job does not end")
