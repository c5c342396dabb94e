"""Read replicas: standbys of PostgreSQL that answer reads of queries.

A process knows of each replica up to which point it has the announced changes of the primary. An operation reads a
replica only if nothing that its viewer wrote was announced after this point. Decision 33 gives the reasons.
"""

from adapters.database.replicas.choice import Route, read_route
from adapters.database.replicas.reads import ReplicatedDatabase
from adapters.database.replicas.replica import Replica
from adapters.database.replicas.replicas import Replicas, open_replicas

__all__ = ["Replica", "Replicas", "ReplicatedDatabase", "Route", "open_replicas", "read_route"]
