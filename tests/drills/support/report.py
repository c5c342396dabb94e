"""The page of the results."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isinf
from platform import python_version

from tests.drills.support.load import CUSTOMERS, PEOPLE, READERS
from tests.drills.support.record import SLOW_SECONDS
from tests.drills.support.restore import Restored
from tests.drills.support.run import DRILLS, Outcome

_HEAD = (
    "| Drill | requests | errors | not retryable | first read | first write | steady | after the repair | acknowledged "
    "| faults |\n|---|---:|---|---|---:|---:|---:|---|---:|---:|"
)


def listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {number:,}" for name, number in sorted(counts.items())) or "none"


def seconds(number: float) -> str:
    return "never" if isinf(number) else f"{number:.1f} s"


def row(outcome: Outcome) -> str:
    """Returns the row of a drill."""
    seen, repaired = outcome.seen, outcome.after_repair
    cells = (
        outcome.drill.title,
        f"{seen.requests:,}",
        listed(seen.errors),
        listed(seen.final_errors + repaired.final_errors),
        seconds(seen.first_read),
        seconds(seen.first_write),
        seconds(seen.steady),
        f"{listed(repaired.errors)}; {seconds(repaired.steady)}",
        f"{outcome.acknowledged:,}",
        f"**{len(outcome.faults)}**",
    )
    return f"| {' | '.join(cells)} |"


def restore_section(restored: Restored) -> str:
    """Returns the section of the restore."""
    kept = restored.kept
    rows = {
        "full backup under load": seconds(restored.backup),
        "from the end of all servers to a primary with the state of the target": seconds(restored.primary),
        "to the first acknowledged write": seconds(restored.first_write),
        "acknowledged before the target": f"{kept.before:,}, of which **{kept.missing}** are missing",
        "sent after the target, and acknowledged": f"{kept.after:,}, of which **{kept.present}** are there",
        "sent before the target, and acknowledged after it": f"{kept.overlapping:,}",
        **{f"`bff {said.command}`": said.summary for said in restored.said},
        "`bff payments reconcile` afterwards": restored.reconciled.summary,
        "**faults**": f"**{len(restored.faults)}**",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"""## Restore to a moment in the load

pgBackRest takes a full backup under load. Eight seconds later is the target, and the load continues for eight more
seconds. Then all servers, workers and nodes are stopped, and the database is restored to the target as in [high
availability](../../docs/high-availability.md#restore-to-a-moment). Posts, comments and payments are compared by their
idempotency keys with the times of their requests and acknowledgements. `bff payments reconcile` ends with status 1 if
the provider has charged what was lost.

| | |
|---|---|
{table}
"""


def _missing(outcomes: Sequence[Outcome]) -> list[str]:
    """Returns a sentence if this machine could not run a drill."""
    names = {outcome.drill.name for outcome in outcomes}
    titles = [drill.title for drill in DRILLS if drill.name not in names]
    return [f"\nNot run on this machine: {', '.join(titles)}."] if titles else []


def page(seed: int, outcomes: Sequence[Outcome], restored: Restored | None) -> str:
    rows = "\n".join([_HEAD, *map(row, outcomes), *_missing(outcomes)])
    return f"""# Drills

Written by `make drill` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, seed {seed}. [High
availability](../../docs/high-availability.md) describes the deployment and its promises.

Two `bff serve` and two `bff worker` run between [HAProxy](../../deploy/haproxy/haproxy.cfg) in front, and
[HAProxy](../../deploy/haproxy/postgres.cfg) before three nodes of PostgreSQL, which
[Patroni](../../deploy/patroni/patroni.yml) manages with one etcd. One standby is synchronous. A Redis cluster of three
primaries and one Redis replica has the bus and stored responses. One Redis has limits, persisted queries and the queue.
All of it, and the clients, share this machine, whose other work is not under control, so the times say more about
timeouts than about speed.

{CUSTOMERS} clients make top-ups, transfers and refunds, {PEOPLE} publish, comment, like, follow and delete, and
{READERS} read the home screen, all the time, through HAProxy with TLS and HTTP/2. They repeat a request without a final
response, with its idempotency key. In each drill something breaks, and is repaired when the clients have seen nothing
disturbed for some seconds.

- **errors**: the responses with an error since the failure, by code. "no response" is a closed connection, "as a
  problem" is a problem of a mutation that is to be sent again. **not retryable** are those that a client must not
  repeat.
- **first read**, **first write**: the time until the first success of a request that began after the failure
- **steady**: the time until the last response that was an error or took more than {SLOW_SECONDS:.0f} s
- **acknowledged**: mutations from the failure to the end of the drill
- **faults**: what differs from what clients were told in the drill and before it, when nothing is open any more: an
  acknowledged payment, post, comment, like or follow that is not stored exactly once, wrong entries of the ledger,
  charges at the provider without their payments, missing events, and wrong feeds, streams and counts

{rows}

{restore_section(restored) if restored else ""}"""
