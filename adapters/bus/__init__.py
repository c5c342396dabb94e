"""The bus: wakes listeners of a topic, in this process and in others. It transports no data.

A wake-up may name keys of the topic, so that a listener knows what to read. A process receives only wake-ups of the
topics that it listens to. A lost wake-up costs only time: the data is in tables, and listeners also poll them.
"""

from adapters.bus.base import Bus
from adapters.bus.engines import open_bus
from adapters.bus.listener import Listener
from adapters.bus.wakes import Wakes

__all__ = ["Bus", "Listener", "Wakes", "open_bus"]
