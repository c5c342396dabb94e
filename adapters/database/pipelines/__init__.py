"""Statements outside of transactions, pipelined over connections of libpq.

Short reads of one turn of the event loop go to one connection in one write. Each has a Sync of its own, so one that
fails does not affect the others. Decision 31 gives the reasons.
"""

from adapters.database.pipelines.pipelines import Pipelines

__all__ = ["Pipelines"]
