"""The queue: transports offers of jobs to workers, as short texts.

It may lose an offer or deliver it twice: the jobs themselves are rows of a table.
"""

from adapters.queue.base import Queue, Run
from adapters.queue.engines import open_queue

__all__ = ["Queue", "Run", "open_queue"]
