"""Makes transfers by hand-written SQL through asyncpg: `python -m bench.transfers.handwritten URL CONNECTIONS`.

For each line `SECONDS HOT` of its input it makes transfers for so long, to one wallet if HOT is 1, and prints a line
with the result. Each connection makes one transfer after another, in one transaction each.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from random import Random
from time import perf_counter
from typing import Any

import asyncpg
import msgspec
import orjson
import uvloop

from bench.transfers import statements as sql
from bench.world import BenchError
from core.clock import system_clock
from core.ids import Ids, id_at
from services.event_log.log import partition_of

_CURRENCY = "EUR"
_A_DAY = timedelta(days=1)
_MAX_AMOUNT = 1000


class Program:
    """Makes transfers between random people."""

    def __init__(self, people: Sequence[int]) -> None:
        self._people = people
        self._random = Random()  # noqa: S311 - not for secrets
        self._ids = Ids(system_clock)

    async def run(self, connections: Sequence[Any], seconds: float, *, is_hot: bool) -> "Result":
        """Returns the number and the durations of the transfers."""
        result, begun = Result(), perf_counter()
        until = begun + seconds
        await asyncio.gather(*(self._repeat(connection, until, result, is_hot=is_hot) for connection in connections))
        result.seconds = perf_counter() - begun
        return result

    async def _repeat(self, connection: Any, until: float, result: "Result", *, is_hot: bool) -> None:
        while (now := perf_counter()) < until:
            recipient = self._people[-1] if is_hot else self._random.choice(self._people)
            sender = recipient
            while sender == recipient:
                sender = self._random.choice(self._people)
            await self._transfer(connection, sender, recipient, self._random.randint(1, _MAX_AMOUNT))
            result.durations.append(perf_counter() - now)

    async def _transfer(self, connection: Any, sender: int, recipient: int, amount: int) -> None:
        now, payment, fetch = system_clock(), self._ids.next(), connection.fetch
        key = f"bench-{payment}"
        digest = blake2b(msgspec.json.encode((recipient, amount, _CURRENCY, "")), digest_size=16).digest()
        await connection.execute(sql.BEGIN)
        claimed = await fetch(sql.CLAIM, sender, "sendPayment", key, digest, sender, payment, now)
        users = await fetch(sql.LOCK_USERS, sender, sorted((sender, recipient)))
        wallets = {row["owner_id"]: row for row in await fetch(sql.LOCK_WALLETS, sorted((sender, recipient)))}
        await fetch(sql.SUM_OF_A_DAY, sender, id_at(now - _A_DAY), "TRANSFER", _CURRENCY)
        if not claimed or any(row["blocked"] or row["hides"] for row in users):
            raise BenchError("the transfer is not permitted")
        if wallets[sender]["available"] < amount:
            raise BenchError("a wallet has not enough money")
        balances = [wallets[sender]["available"] - amount, wallets[recipient]["available"] + amount]
        owners, ids = [sender, recipient], [self._ids.next(), self._ids.next()]
        await fetch(sql.POST, sender, payment, _CURRENCY, now, owners, ids, [-amount, amount], balances)
        await fetch(sql.INSERT_PAYMENT, sender, payment, amount, _CURRENCY, now)
        await fetch(sql.INSERT_PARTIES, payment, sender, owners, ["OUT", "IN"], [recipient, sender])
        await fetch(sql.READ_PAYMENT, sender, [payment], [sender])
        data = orjson.dumps({"payment_owner_id": sender, "payment_id": payment, "party_id": recipient}).decode()
        event = (partition_of(sender), self._ids.next(), "PaymentSucceeded", 1, sender, data, now)
        await fetch(sql.APPEND_EVENT, *event)
        await connection.execute(sql.COMMIT)


@dataclass(slots=True)
class Result:
    """Holds the durations of the transfers of a span."""

    durations: list[float] = field(default_factory=list[float])
    seconds: float = 0.0

    def line(self) -> str:
        """Returns the result in the form in which the script of wrk prints it."""
        ordered = sorted(self.durations)
        p50, p99 = (ordered[int(len(ordered) * share)] * 1e6 for share in (0.5, 0.99))
        found = {"requests": len(ordered), "microseconds": self.seconds * 1e6, "p50": p50, "p99": p99}
        return f"RESULT {orjson.dumps({**found, 'failed': 0, 'lost': 0}).decode()}\n"


async def main(url: str, number: int) -> None:
    """Obeys the lines of the input until its end."""
    connections: list[Any] = [await asyncpg.connect(url) for _ in range(number)]
    people = [row["id"] for row in await connections[0].fetch("SELECT id FROM users ORDER BY id")]
    program = Program(people)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        seconds, is_hot = line.split()
        result = await program.run(connections, float(seconds), is_hot=is_hot == "1")
        sys.stdout.write(result.line())
        sys.stdout.flush()
    for connection in connections:
        await connection.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], int(sys.argv[2])))
