"""The page of the campaign's results."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from platform import python_version
from typing import NamedTuple

from tests.payments.support.book import Book
from tests.payments.support.sandbox import LIES
from tests.payments.support.scale import Scale
from tests.payments.support.watchers import Auditor, Screens

TITLES = {"postgres": "PostgreSQL", "sqlite": "SQLite"}


class Outcome(NamedTuple):
    """Holds what happened in a campaign, and the faults by kind."""

    scale: Scale
    book: Book
    auditor: Auditor
    screens: Screens
    failures: Counter[str]
    payments: Counter[str]
    charges: Counter[str]
    writing: float
    settling: float
    verified: str
    reconciled: str
    faults: Mapping[str, list[str]]

    @property
    def all_faults(self) -> list[str]:
        return [f"{kind}: {fault}" for kind, faults in self.faults.items() for fault in faults]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {number:,}" for name, number in sorted(counts.items())) or "none"


def section(outcome: Outcome) -> str:
    """Returns the section of one engine."""
    scale, book, failures = outcome.scale, outcome.book, outcome.failures
    rows = {
        "clients": f"{scale.clients}, with {scale.servers} `bff serve` and one `bff worker`",
        "`kill -9` of servers and worker": f"{failures['kill']}",
        "cuts of database connections": f"{failures['cut']}, {failures['connections cut']} connections",
        "crashes of PostgreSQL": f"{failures['crash']}",
        "lies of the sandbox (probabilities, and maximum seconds)": ", ".join(
            f"{name} {value:g}" for name, value in LIES.items()
        ),
        "payments acknowledged": f"{book.acknowledged:,} in {outcome.writing:.0f} s",
        "final responses": _listed(book.outcomes),
        "requests repeated": _listed(book.repeated),
        "requests sent twice at once": f"{book.concurrent:,}",
        "responses with `replayed`": f"{book.replayed:,}",
        "charges confirmed by their owners": f"{book.confirmed:,}",
        "payments at the end": _listed(outcome.payments),
        "charges and refunds at the provider": _listed(outcome.charges),
        "settled after": f"{outcome.settling:.1f} s",
        "consistent reads of the whole ledger": f"{outcome.auditor.reads:,}",
        "wallet screens read": f"{outcome.screens.read:,}; {outcome.screens.overtaken:,} while others wrote",
        "changes of payments in streams": f"{outcome.auditor.streamed.total():,}",
        "`bff payments verify`": outcome.verified,
        "`bff payments reconcile`": outcome.reconciled,
        **{f"faults: {kind}": f"{len(faults)}" for kind, faults in outcome.faults.items()},
        "**all faults**": f"**{len(outcome.all_faults)}**",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"## {TITLES[scale.engine]}\n\n| | |\n|---|---|\n{table}\n"


def page(outcomes: Sequence[Outcome]) -> str:
    sections = "\n".join(section(outcome) for outcome in outcomes)
    return f"""# Payments while everything fails

Written by `make campaign-bank` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, seed \
{outcomes[0].scale.seed}.

Clients make random top-ups, transfers and refunds with idempotency keys through GraphQL. They repeat a request with the
same key until there is a final response, and send some of them twice at once. Some cards are declined, some need a
confirmation, and some refunds are slow. Meanwhile processes are killed with -9 and restarted, connections to the
database are cut by a proxy, PostgreSQL is crashed, and the sandbox declines charges, charges without an answer, and
sends webhooks twice, late, in another order, or never.

A crash of PostgreSQL is an immediate shutdown or SIGKILL of its first process; it then recovers from its log. It runs
with `fsync` and `synchronous_commit`. This shows that nothing acknowledged was only in the memory of PostgreSQL, and
that recovery restores transactions as a whole. It does not show that data survives a failure of power: the operating
system and its page cache continue to run, and the files are in memory where that is possible.

Faults, by kind:

- **reads**: a consistent read of the whole ledger, or a wallet screen, in which money is not conserved: entries that do
  not sum to zero, a wallet unlike its entries, a negative balance, or a gap in an event stream
- **lost**: an acknowledged payment that is not stored with its amount
- **doubled**: a payment that is not the only one of its key
- **ledger**: entries that are not exactly those of the payment, or a payment that is still PENDING at the end
- **provider**: a charge or refund at the provider without a succeeded payment, or the reverse
- **events**: a payment that is missing in the event stream of a party, or a received transfer without exactly one
  PAYMENT_RECEIVED
- **responses**: a response that no failure explains
- **commands**: `bff payments verify` or `bff payments reconcile` ended with another status than 0

{sections}"""
