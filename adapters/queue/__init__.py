"""Carries offers of work to workers, as short texts.

It may lose some, and may bring one twice: the truth is in a table.
"""

from adapters.queue.base import Queue, Run
from adapters.queue.engines import open_queue

__all__ = ["Queue", "Run", "open_queue"]
