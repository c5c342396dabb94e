"""The relay: reads the log in its order, and has everything follow from it."""

from services.relay.lag import Lag, measure_lag
from services.relay.relay import Progress, Relay

__all__ = ["Lag", "Progress", "Relay", "measure_lag"]
