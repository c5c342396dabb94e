"""The event log, and the event streams, counts and wake-up topics that belong to it."""
