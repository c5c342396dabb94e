"""Faults, and the pages of rows in which they are looked for."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from adapters.database import Database, DialectSQL, Queries

PAGE = 500
"""The number of rows that one transaction reads, apart from the rows that belong to them."""

LOWEST = -(2**63)

_SNAPSHOT = DialectSQL(
    postgres="SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", sqlite="SELECT 1 AS one WHERE false"
)

Rows = list[dict[str, Any]]


class LedgerFault(NamedTuple):
    """A violation of a rule: the row, and what is wrong with it. It contains no personal data."""

    where: str
    fault: str


@asynccontextmanager
async def snapshot(database: Database) -> AsyncGenerator[Queries]:
    """Opens a transaction whose statements read the same state of the database."""
    async with database.transaction() as transaction:
        await transaction.fetch(_SNAPSHOT)
        yield transaction


def of_payment(owner_id: int, payment_id: int, fault: str) -> LedgerFault:
    return LedgerFault(f"payment {payment_id} of owner {owner_id}", fault)


def of_entry(owner_id: int, entry_id: int, fault: str) -> LedgerFault:
    return LedgerFault(f"entry {entry_id} of owner {owner_id}", fault)


def of_wallet(owner_id: int, fault: str) -> LedgerFault:
    return LedgerFault(f"wallet of owner {owner_id}", fault)
