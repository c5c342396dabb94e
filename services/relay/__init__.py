"""The relay: reads the event log in order and runs the projections."""

from services.relay.dead_letters import DeadEvent, dead_events, replay_event
from services.relay.discard import DiscardedEvent, DiscardLoss, discard_event, discarded_events, losses_of
from services.relay.lag import Lag, measure_lag
from services.relay.leases import PartitionFilter
from services.relay.rebase import Rebased, check_log, rebase_log
from services.relay.relay import Progress, Project, Relay
from services.relay.unknown import UnknownNext, give_up_event, unknown_next_events

__all__ = [
    "DeadEvent",
    "DiscardLoss",
    "DiscardedEvent",
    "Lag",
    "PartitionFilter",
    "Progress",
    "Project",
    "Rebased",
    "Relay",
    "UnknownNext",
    "check_log",
    "dead_events",
    "discard_event",
    "discarded_events",
    "give_up_event",
    "losses_of",
    "measure_lag",
    "rebase_log",
    "replay_event",
    "unknown_next_events",
]
