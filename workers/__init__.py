"""Background work: loops that call services. They know no table and no HTTP."""

from workers.jobs import run_jobs
from workers.relay import run_relay

__all__ = ["run_jobs", "run_relay"]
