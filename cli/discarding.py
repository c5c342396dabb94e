"""`bff events discard` and `bff events discarded`: discard dead letters, and list those that were discarded."""

import sys
from collections.abc import Sequence

from core.errors import SettingsError
from core.text import line
from services.relay import DiscardLoss, discard_event, discarded_events, losses_of
from services.resources import Resources

MAX_REASON = 500


async def discard(resources: Resources, event_id: int, reason: str | None, *, confirmed: bool) -> None:
    """Prints what will be lost, and discards the dead letters of an event if the operator has confirmed it."""
    losses = await losses_of(resources.database, event_id)
    if not losses:
        raise SettingsError(f"{event_id}: there is no dead letter of this event; 'bff events dead' lists them")
    sys.stdout.write(_describe(losses))
    valid_reason = None if reason is None else line(reason, max_length=MAX_REASON)
    if valid_reason is None:
        raise SettingsError(
            f"--reason: give a reason, in one line of up to {MAX_REASON} characters; nothing was discarded"
        )
    if not confirmed:
        raise SettingsError("nothing was discarded; repeat the command with --yes to discard permanently")
    if not await discard_event(resources, event_id, valid_reason):
        raise SettingsError(f"{event_id}: there is no dead letter of this event any more")
    sys.stdout.write(f"discarded: {event_id}\n")


async def list_discarded(resources: Resources, max_rows: int) -> None:
    lines = [
        f"{f'job    {row.event_id}  {row.handler}' if row.handler else f'event  {row.event_id}  {row.type}'}"
        f"  {row.discarded_at:%Y-%m-%dT%H:%M:%SZ}  {row.reason}"
        for row in await discarded_events(resources.database, max_rows)
    ]
    sys.stdout.write("\n".join(lines or ["nothing was discarded"]) + "\n")


def _describe(losses: Sequence[DiscardLoss]) -> str:
    lines: list[str] = []
    for loss in losses:
        when = f"{loss.occurred_at:%Y-%m-%dT%H:%M:%SZ}, account {loss.owner_id}"
        if loss.handler:
            lines.append(f"job {loss.handler} of event {loss.event_id} ({when}) will never be done")
            continue
        lines.append(f"event {loss.event_id} {loss.type} ({when}) will never be projected:")
        lines.append("  feeds, inboxes, streams and folded counts will not contain it")
        if loss.kind:
            lines.append(f"  the audit trail of the account will lack the entry {loss.kind}")
        lines += [f"  the job {handler} will not be created or done" for handler in loss.follows]
    return "\n".join(lines) + "\n"
