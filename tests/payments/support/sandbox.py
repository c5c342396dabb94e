"""The sandbox of a campaign as a server that lies, and its records."""

import asyncio
import secrets
import sqlite3
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from httpx2 import AsyncClient, HTTPError

from tests.campaign.support.roles import Role
from tests.payments.support.book import Row
from tests.payments.support.checker import Charge

LIES = {
    "decline": 0.05,
    "confirm_step": 0.05,
    "error": 0.03,
    "timeout_before": 0.02,
    "timeout_after": 0.05,
    "hang_seconds": 2.0,
    "delay_seconds": 0.01,
    "webhook_drop": 0.2,
    "webhook_duplicate": 0.2,
    "webhook_delay_seconds": 1.0,
    "webhook_reorder": 0.2,
}
"""The probabilities and times of faults, as in `adapters.payments.sandbox.faults`."""

_DEADLINE = "1"
"""Seconds after which a server ends a call that is not answered."""

_HTTP_SECONDS = 10.0
_MOVED = (
    "SELECT 'CHARGE' AS kind, owner_id, payment_id, amount FROM charges WHERE state = 'SUCCEEDED' "
    "UNION ALL SELECT 'REFUND', owner_id, payment_id, amount FROM refunds WHERE state = 'SUCCEEDED'"
)


class Sandbox:
    """Runs the sandbox, and reads its records past its server."""

    def __init__(self, folder: Path, port: str, server: str, seed: int) -> None:
        """Webhooks are sent to `server`."""
        self._file = folder / "sandbox.sqlite3"
        self.address = f"http://127.0.0.1:{port}"
        secret = secrets.token_hex(16)
        self.environment = {
            "BFF_PAYMENTS_URL": f"sandbox+http://127.0.0.1:{port}",
            "BFF_PAYMENTS_WEBHOOK_SECRETS": secret,
            "BFF_PAYMENTS_DEADLINE": _DEADLINE,
        }
        command = ["-m", "adapters.payments.sandbox", "--port", port, "--database", str(self._file)]
        webhooks = ["--webhook-url", f"{server}/webhooks/payments/sandbox", "--webhook-secret", secret]
        self.roles = [Role([*command, *webhooks, "--seed", str(seed)], {}, folder / "sandbox.log")]

    async def lie(self, *, much: bool) -> None:
        """Makes the sandbox lie, or tell the truth."""
        async with self._http() as http:
            (await http.post("/faults", json=LIES if much else {})).raise_for_status()

    async def confirm(self, url: str) -> bool:
        """Confirms a charge as the owner of its card does. Returns whether that was possible."""
        async with self._http() as http:
            try:
                return (await http.post(url)).is_success
            except HTTPError:
                return False

    async def confirm_all(self) -> None:
        """Confirms all charges that wait for their owners."""
        for row in await self._rows("SELECT reference FROM charges WHERE state = 'REQUIRES_ACTION'"):
            await self.confirm(f"{self.address}/confirm/{row['reference']}")

    async def moved(self) -> list[Charge]:
        """Returns the charges and refunds that moved money."""
        return [
            Charge(Row(row["owner_id"], row["payment_id"]), row["kind"], row["amount"])
            for row in await self._rows(_MOVED)
        ]

    async def states(self) -> Counter[str]:
        """Returns the numbers of charges and refunds by state."""
        rows = await self._rows(
            "SELECT 'charge' AS kind, state FROM charges UNION ALL SELECT 'refund', state FROM refunds"
        )
        return Counter(f"{row['kind']} {row['state']}" for row in rows)

    def _http(self) -> AsyncClient:
        return AsyncClient(base_url=self.address, timeout=_HTTP_SECONDS)

    async def _rows(self, sql: str) -> Sequence[Any]:
        return await asyncio.to_thread(self._read, sql)

    def _read(self, sql: str) -> Sequence[Any]:
        connection = sqlite3.connect(self._file)
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()
