"""The event log, and event streams and counts that are derived from it."""
