"""`bff events discard` and `bff events discarded`."""

import sys
from collections.abc import Sequence

from core.errors import SettingsError
from core.text import line
from services.relay import DiscardLoss, discard_event, discarded_events, losses_of
from services.resources import Resources

MAX_REASON = 500


async def discard(resources: Resources, event_id: int, reason: str | None, *, sure: bool) -> None:
    """Prints what is lost, then discards the event when the operator is sure."""
    losses = await losses_of(resources.database, event_id)
    if not losses:
        raise SettingsError(f"{event_id}: nothing of it is set aside; 'bff events dead' lists what is")
    sys.stdout.write(_consequence(losses))
    kept = None if reason is None else line(reason, max_length=MAX_REASON)
    if kept is None:
        raise SettingsError(f"--reason: say why, in one line of up to {MAX_REASON} letters; nothing is discarded yet")
    if not sure:
        raise SettingsError("nothing is discarded yet; the same command with --yes does it, for good")
    if not await discard_event(resources, event_id, kept):
        raise SettingsError(f"{event_id}: nothing of it is set aside any more")
    sys.stdout.write(f"discarded: {event_id}\n")


async def list_discarded(resources: Resources, most: int) -> None:
    lines = [
        f"{f'job    {each.event_id}  {each.handler}' if each.handler else f'event  {each.event_id}  {each.type}'}"
        f"  {each.discarded_at:%Y-%m-%dT%H:%M:%SZ}  {each.reason}"
        for each in await discarded_events(resources.database, most)
    ]
    sys.stdout.write("\n".join(lines or ["nothing was discarded"]) + "\n")


def _consequence(losses: Sequence[DiscardLoss]) -> str:
    lines: list[str] = []
    for loss in losses:
        when = f"{loss.occurred_at:%Y-%m-%dT%H:%M:%SZ}, account {loss.owner_id}"
        if loss.handler:
            lines.append(f"job {loss.handler} of event {loss.event_id} ({when}) will never be done")
            continue
        lines.append(f"event {loss.event_id} {loss.type} ({when}) will never be projected:")
        lines.append("  no feed, inbox, stream or folded count will have it")
        if loss.kind:
            lines.append(f"  the audit trail of the account will lack the entry {loss.kind}")
        lines += [f"  the job {handler} will not be made, and what it does is not done" for handler in loss.follows]
    return "\n".join(lines) + "\n"
