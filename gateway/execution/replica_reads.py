"""Decides which operations may read a replica."""

from functools import lru_cache

from graphql import OperationType

from gateway.execution.operation import Operation
from schema.context import FIRST_READS

PRIMARY_FIELDS = frozenset(
    {
        *FIRST_READS,
        "Query.sync",
        "Viewer.devices",
        "Viewer.paymentMethods",
        "Viewer.payments",
        "Viewer.securityHistory",
        "Viewer.wallet",
    }
)
"""Operations with one of these fields read only the primary.

They show money, sign-ins, or a position in event streams. What the primary says there may name rows that a replica does
not have yet, and `sync` would describe these as deleted.
"""


def may_read_replica(operation: Operation) -> bool:
    """Returns whether the reads of an operation may be sent to a replica."""
    return operation.kind is OperationType.QUERY and _is_free(operation.document.shapes[operation.name].fields)


@lru_cache(maxsize=1024)
def _is_free(fields: str) -> bool:
    return PRIMARY_FIELDS.isdisjoint(fields.split())
