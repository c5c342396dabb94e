"""Verifies the whole ledger in pages, each of which is one snapshot, so that other transactions continue meanwhile."""

from collections.abc import AsyncGenerator

from adapters.database import Database
from services.payments.verification.entries import Entries
from services.payments.verification.faults import LedgerFault
from services.payments.verification.links import faulty_links
from services.payments.verification.payments import Payments


class LedgerVerification:
    """Compares payments, entries and wallets. The numbers of rows are complete when all faults were read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._payments = Payments(database)
        self._entries = Entries(database)

    @property
    def payments(self) -> int:
        return self._payments.read

    @property
    def entries(self) -> int:
        return self._entries.read

    @property
    def wallets(self) -> int:
        return self._entries.wallets

    async def faults(self) -> AsyncGenerator[LedgerFault]:
        """Yields all faults."""
        async for fault in self._payments.faults():
            yield fault
        async for fault in self._entries.faults():
            yield fault
        async for fault in faulty_links(self._database):
            yield fault
