"""The relay: reads the log in its order, and has everything follow from it."""

from services.relay.dead import DeadEvent, dead_events, replay_event
from services.relay.foreign import Rebased, check_log, rebase_log
from services.relay.lag import Lag, measure_lag
from services.relay.position import Lane
from services.relay.relay import Progress, Project, Relay

__all__ = [
    "DeadEvent",
    "Lag",
    "Lane",
    "Progress",
    "Project",
    "Rebased",
    "Relay",
    "check_log",
    "dead_events",
    "measure_lag",
    "rebase_log",
    "replay_event",
]
