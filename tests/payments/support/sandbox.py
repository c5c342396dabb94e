"""The sandbox of a campaign, and its records."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adapters.payments.sandbox.book import Book as Records
from tests.campaign.support.roles import Role
from tests.payments.support.book import Row
from tests.payments.support.checker import Charge


class Sandbox:
    """Says how servers reach the sandbox, and reads and changes its records as its owner."""

    def __init__(self, folder: Path, port: str, servers: Sequence[str]) -> None:
        self._file = folder / "sandbox.sqlite3"
        self.environment = {"BFF_PAYMENTS_URL": f"sandbox://{self._file}"}
        self.roles: list[Role] = []
        self.lies: dict[str, int] = {}

    async def lie(self, *, much: bool) -> None:
        """Makes the sandbox lie, or tell the truth."""

    async def confirm(self, url: str) -> bool:
        """Confirms a charge as the owner of its card does."""
        return await asyncio.to_thread(self._confirm, url.rpartition("/")[2])

    def _confirm(self, reference: str) -> bool:
        records = Records(str(self._file))
        try:
            records.confirm(reference)
        finally:
            records.close()
        return True

    async def confirm_all(self) -> None:
        """Confirms all charges that wait for their owners."""
        for row in await asyncio.to_thread(self._rows, "SELECT reference FROM charges WHERE state = 'REQUIRES_ACTION'"):
            await self.confirm(row["reference"])

    async def moved(self) -> list[Charge]:
        """Returns the charges and refunds that moved money."""
        rows = await asyncio.to_thread(
            self._rows,
            "SELECT 'CHARGE' AS kind, owner_id, payment_id, amount FROM charges WHERE state = 'SUCCEEDED' UNION ALL "
            "SELECT 'REFUND', owner_id, payment_id, amount FROM refunds WHERE state = 'SUCCEEDED'",
        )
        return [Charge(Row(row["owner_id"], row["payment_id"]), row["kind"], row["amount"]) for row in rows]

    def _rows(self, sql: str) -> list[Any]:
        connection = sqlite3.connect(self._file)
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()
