"""The bus: wakes listeners of a topic, in this process and in others. It transports no data.

A lost wake-up costs only time: the data is in tables, and listeners also poll them.
"""

from adapters.bus.base import Bus, Listener
from adapters.bus.engines import open_bus

__all__ = ["Bus", "Listener", "open_bus"]
