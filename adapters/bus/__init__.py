"""Wakes who waits for something, in this process or another; it carries nothing.

What is lost costs time and no more: the truth is in tables, and whoever listens looks there by themselves now and then.
"""

from adapters.bus.base import Bus, Listener
from adapters.bus.engines import open_bus

__all__ = ["Bus", "Listener", "open_bus"]
