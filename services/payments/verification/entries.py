"""Verifies the entries of the ledger in the order of owner and id, and the wallets that they move."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, NamedTuple

from adapters.database import Database, Queries
from services.payments.verification.faults import LOWEST, PAGE, LedgerFault, Rows, of_entry, of_wallet, snapshot

_ENTRIES = (
    "SELECT e.owner_id, e.id, e.account, e.amount, e.currency, e.balance_after, p.id IS NULL AS is_orphan "
    "FROM ledger_entries e LEFT JOIN payments p ON p.owner_id = e.payment_owner_id AND p.id = e.payment_id "
    "WHERE (e.owner_id, e.id) > ($1, $2) ORDER BY e.owner_id, e.id LIMIT $3"
)
_WALLETS = "SELECT owner_id, currency, available, pending FROM wallets WHERE owner_id = ANY($1)"
_ALL_WALLETS = (
    "SELECT w.owner_id, w.available, w.pending, EXISTS (SELECT 1 FROM ledger_entries e "
    "WHERE e.owner_id = w.owner_id) AS has_entries FROM wallets w WHERE w.owner_id > $1 ORDER BY w.owner_id LIMIT $2"
)
_SUMS = (
    "SELECT account, SUM(amount) AS total FROM ledger_entries WHERE owner_id = $1 "
    "AND account IN ('WALLET', 'PENDING') GROUP BY account"
)
_SUM_BEFORE = (
    "SELECT COALESCE(SUM(amount), 0) AS total FROM ledger_entries "
    "WHERE owner_id = $1 AND account = 'WALLET' AND id < $2"
)


class _Wallet(NamedTuple):
    """A wallet as the database has it."""

    owner_id: int
    currency: str
    available: int
    pending: int


class _OwnerSums:
    """The sums of one owner's entries while they are read."""

    def __init__(self, owner_id: int) -> None:
        self.owner_id = owner_id
        self.totals = {"WALLET": 0, "PENDING": 0}
        self._excess = self._excess_before = 0
        """The last `balance_after` minus the sum of the entries up to it, and the same for the entry before it.

        Both are zero unless a row is wrong. After a wrong balance, those that follow may continue from it or from the
        balances before it. Both are accepted, so that one wrong row is one fault.
        """
        self.is_carried = False
        """Whether its first entries were read in an earlier snapshot."""

    def expects(self, row: Mapping[str, Any]) -> bool:
        """Returns whether the balance after the next entry matches the entries before it."""
        excess = (row["balance_after"] or 0) - self.totals["WALLET"] - row["amount"]
        return row["account"] != "WALLET" or excess in (self._excess, self._excess_before)

    def follow(self, row: Mapping[str, Any], wallet: _Wallet | None) -> Iterator[str]:
        """Adds the next entry and yields its faults."""
        if row["is_orphan"]:
            yield "its payment does not exist"
        if row["account"] not in self.totals:
            return
        if wallet is None:
            yield "its owner has no wallet"
        elif wallet.currency != row["currency"]:
            yield f"it is in {row['currency']}, and the wallet is in {wallet.currency}"
        self.totals[row["account"]] += row["amount"]
        if row["account"] == "WALLET":
            yield from self._compare(row["balance_after"])

    def _compare(self, balance: int) -> Iterator[str]:
        excess = balance - self.totals["WALLET"]
        if excess not in (self._excess, self._excess_before):
            yield f"the balance after it is {balance}, not {self.totals['WALLET'] + self._excess}"
            self._excess_before = self._excess
        else:
            self._excess_before = excess
        self._excess = excess
        if balance < 0:
            yield f"the balance after it is {balance}, below zero"


class Entries:
    """The pass over all entries, and then over wallets. `read` and `wallets` are the numbers of rows so far."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sums = _OwnerSums(LOWEST)
        self.read = 0
        self.wallets = 0

    async def faults(self) -> AsyncGenerator[LedgerFault]:
        """Yields the faults of all entries and wallets."""
        after: tuple[int, int] = (LOWEST, LOWEST)
        is_last = False
        while not is_last:
            async with snapshot(self._database) as queries:
                rows: Rows = await queries.fetch(_ENTRIES, *after, PAGE)
                is_last = len(rows) < PAGE
                found = await self._faults(queries, rows, is_last=is_last)
            for fault in found:
                yield fault
            self.read += len(rows)
            after = (rows[-1]["owner_id"], rows[-1]["id"]) if rows else after
        async for fault in self._unmoved():
            yield fault

    async def _faults(self, queries: Queries, rows: Rows, *, is_last: bool) -> list[LedgerFault]:
        owners = sorted({self._sums.owner_id, *(row["owner_id"] for row in rows)})
        wallets = {row["owner_id"]: _Wallet(**row) for row in await queries.fetch(_WALLETS, owners)}
        found: list[LedgerFault] = []
        self._sums.is_carried = True
        for row in rows:
            owner_id = row["owner_id"]
            if owner_id != self._sums.owner_id:
                found += await _wrong_wallet(queries, self._sums, wallets.get(self._sums.owner_id))
                self._sums = _OwnerSums(owner_id)
            elif self._sums.is_carried and not self._sums.expects(row):
                await self._sum_again(queries, row)
            faults = self._sums.follow(row, wallets.get(owner_id))
            found += [of_entry(owner_id, row["id"], fault) for fault in faults]
        if is_last:
            found += await _wrong_wallet(queries, self._sums, wallets.get(self._sums.owner_id))
        return found

    async def _sum_again(self, queries: Queries, row: Mapping[str, Any]) -> None:
        """Sums the entries before this one in this snapshot.

        Entries of other accounts do not lock the wallet, so one of WALLET may be committed after one with a higher id.
        """
        (before,) = await queries.fetch(_SUM_BEFORE, row["owner_id"], row["id"])
        self._sums.totals["WALLET"] = int(before["total"])
        self._sums.is_carried = False

    async def _unmoved(self) -> AsyncGenerator[LedgerFault]:
        """Yields the faults of wallets without entries, which the entries do not name."""
        after, is_last = LOWEST, False
        while not is_last:
            async with snapshot(self._database) as queries:
                rows: Rows = await queries.fetch(_ALL_WALLETS, after, PAGE)
            is_last = len(rows) < PAGE
            self.wallets += len(rows)
            for row in rows:
                after = row["owner_id"]
                if not row["has_entries"] and (row["available"] or row["pending"]):
                    yield of_wallet(after, _balances(row["available"], row["pending"], 0, 0))


async def _wrong_wallet(queries: Queries, sums: _OwnerSums, wallet: _Wallet | None) -> list[LedgerFault]:
    """Returns the fault of a wallet whose balances differ from the sums of its entries.

    Entries of PENDING may be committed after entries with higher ids, so they are summed again before the fault is
    named.
    """
    if wallet is None or (wallet.available, wallet.pending) == (sums.totals["WALLET"], sums.totals["PENDING"]):
        return []
    totals = {row["account"]: int(row["total"]) for row in await queries.fetch(_SUMS, sums.owner_id)}
    available, pending = totals.get("WALLET", 0), totals.get("PENDING", 0)
    if (wallet.available, wallet.pending) == (available, pending):
        return []
    return [of_wallet(sums.owner_id, _balances(wallet.available, wallet.pending, available, pending))]


def _balances(available: int, pending: int, available_sum: int, pending_sum: int) -> str:
    wrong: list[str] = []
    if available != available_sum:
        wrong.append(f"{available} is available, and its entries sum to {available_sum}")
    if pending != pending_sum:
        wrong.append(f"{pending} is pending, and its entries sum to {pending_sum}")
    return "; ".join(wrong)
