"""Jobs: slow work that follows from events. A worker does each job later, and its writes take effect once.

The rows in the database decide. The queue only transports offers to workers, and may lose them.
"""

from services.jobs.dead_letters import DeadJob, dead_jobs, replay_jobs
from services.jobs.dispatch import Dispatcher
from services.jobs.job import Handlers, Job, JobKey, Outcome, Postponed, read_offer
from services.jobs.run import run_job
from services.jobs.schedules import Scheduler
from services.jobs.table import NewJob, UnknownJob, enqueue, measure_backlog, unknown_jobs
from services.jobs.unknown import give_up_job

__all__ = [
    "DeadJob",
    "Dispatcher",
    "Handlers",
    "Job",
    "JobKey",
    "NewJob",
    "Outcome",
    "Postponed",
    "Scheduler",
    "UnknownJob",
    "dead_jobs",
    "enqueue",
    "give_up_job",
    "measure_backlog",
    "read_offer",
    "replay_jobs",
    "run_job",
    "unknown_jobs",
]
