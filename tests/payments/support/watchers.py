"""Auditors and followers that read all the time while money moves."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tests.payments.support.audits import audit
from tests.payments.support.book import Row
from tests.payments.support.connection import Connection
from tests.payments.support.snapshots import Snapshot, Snapshots, Unreadable

_BETWEEN = 0.25
_PAGE = 50
_BEGINNING = ("", 0, 0)
"""Stands for the balance before the first entry."""


class Auditor:
    """Audits the ledger, and follows all streams of people, in one consistent read after another."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self._places: dict[tuple[int, int], int] = {}
        self.reads = 0
        self.unreadable = 0
        self.faults: list[str] = []
        self.streamed = Counter[tuple[int, Row]]()
        """The person and the payment of each PAYMENT_CHANGED."""

    async def run(self, stopped: asyncio.Event) -> None:
        while not stopped.is_set():
            try:
                await self.read()
            except Unreadable:
                self.unreadable += 1
            await asyncio.sleep(_BETWEEN)

    async def read(self) -> None:
        async with self._snapshots() as snapshot:
            self.faults += await audit(snapshot)
            await self._follow(snapshot)
            self.reads += 1

    async def _follow(self, snapshot: Snapshot) -> None:
        """Reads the entries since the last read. Streams keep their last thousand entries, so none is missed."""
        ends = await snapshot.fetch("SELECT owner_id, id FROM streams WHERE owner_id = id")
        known = [self._places.get((row["owner_id"], row["id"]), 0) for row in ends]
        rows = await snapshot.fetch(
            "SELECT owner_id, stream_id, place, kind, subject_owner_id, subject_id FROM stream_entries "
            f"WHERE owner_id = stream_id AND place > {min(known, default=0)} ORDER BY owner_id, place"
        )
        for row in rows:
            stream, place = (row["owner_id"], row["stream_id"]), row["place"]
            last = self._places.get(stream, 0)
            if place <= last:
                continue
            if place != last + 1:
                self.faults.append(f"the stream of {stream[0]} continues at {place} after {last}")
            self._places[stream] = place
            if row["kind"] == "PAYMENT_CHANGED":
                self.streamed[stream[0], Row(row["subject_owner_id"], row["subject_id"])] += 1


class Screens:
    """Reads wallet screens of people in turn.

    A screen reads the wallet, and then its entries. So the balance is that of the newest entry, or of an older one if
    others were written between both reads, and never one that is older than what the last screen showed.
    """

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections
        self._newest: dict[str, str] = {}
        self.read = 0
        self.overtaken = 0
        """Screens with entries that were written after their wallet was read."""
        self.faults: list[str] = []

    async def run(self, stopped: asyncio.Event) -> None:
        place = 0
        while not stopped.is_set():
            data = await self._connections[place % len(self._connections)].post("WalletScreen")
            if not isinstance(data, str):
                self.check(data["viewer"])
            place += 1
            await asyncio.sleep(_BETWEEN / 5)

    def check(self, viewer: dict[str, Any], *, is_quiet: bool = False) -> None:
        """Adds what is wrong with a screen. If nothing is written meanwhile, the newest entry has the balance."""
        wallet = viewer["wallet"]
        if wallet is None:
            return
        self.read += 1
        available = int(wallet["available"]["minorUnits"])
        entries = [_entry(edge["node"]) for edge in wallet["entries"]["edges"]]
        if len(entries) < _PAGE:
            entries.append(_BEGINNING)
        if available < 0 or int(wallet["pending"]["minorUnits"]) < 0:
            self.faults.append(f"the wallet of {viewer['id']} is negative")
        for (_, amount, after), (_, _, before) in pairwise(entries):
            if before + amount != after:
                self.faults.append(f"the entries of {viewer['id']} do not add up: {before} + {amount}, {after}")
        ids = [entry[0] for entry in entries]
        known = self._newest.get(viewer["id"])
        until = ids.index(known) + 1 if known in ids else len(entries)
        matches = [place for place, entry in enumerate(entries[: 1 if is_quiet else until]) if entry[2] == available]
        if not matches:
            self.faults.append(f"the wallet of {viewer['id']} has {available}, its entries {entries[:3]}")
        elif matches and matches[0] > 0:
            self.overtaken += 1
        if matches:
            self._newest[viewer["id"]] = ids[matches[0]]


def _entry(node: dict[str, Any]) -> tuple[str, int, int]:
    return node["id"], int(node["amount"]["minorUnits"]), int(node["balanceAfter"]["minorUnits"])
