"""Topics of the bus. A process that changes one of these things wakes the loops that read it."""

EVENT_LOG = "log"
"""The event log has new events."""

REVOCATIONS = "revoked"
"""Devices were revoked."""

JOBS = "jobs"
"""There are new jobs, or jobs that are due."""
