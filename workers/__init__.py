"""Background loops, which call services. This package contains no SQL and no HTTP."""

from workers.jobs import run_jobs
from workers.relay import run_relay

__all__ = ["run_jobs", "run_relay"]
