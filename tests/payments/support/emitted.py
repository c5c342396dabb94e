"""Emits events of seeded payments, like the services do."""

from core.global_ids import global_id
from events import Event
from services.event_log.event_streams import RowKey, StreamEventKind
from services.unit_of_work import unit_of_work
from tests.support.app import stream_of
from tests.support.client import Client
from tests.support.relay import drained


async def emit(client: Client, *events: Event) -> None:
    """Emits events in one unit of work, and projects them."""
    async with unit_of_work(client.resources) as work:
        for event in events:
            work.emit(event)
    await drained(client.resources)


async def transfer_of(client: Client, sender: str, recipient: str) -> RowKey:
    """Returns a seeded transfer between two users."""
    rows = await client.resources.database.fetch(
        "SELECT pp.payment_owner_id AS owner_id, pp.payment_id AS id FROM payment_parties pp "
        "WHERE pp.owner_id = $1 AND pp.payment_owner_id = $1 AND pp.counterparty_id = $2 ORDER BY pp.payment_id",
        await client.user_id(sender),
        await client.user_id(recipient),
    )
    return RowKey(rows[0]["owner_id"], rows[0]["id"])


async def top_up_of(client: Client, owner: str) -> RowKey:
    """Returns a seeded top-up of a user."""
    rows = await client.resources.database.fetch(
        "SELECT p.owner_id, p.id FROM payments p WHERE p.owner_id = $1 AND p.kind = 'TOP_UP' ORDER BY p.id",
        await client.user_id(owner),
    )
    return RowKey(rows[0]["owner_id"], rows[0]["id"])


async def changed_payments(client: Client, handle: str) -> list[str]:
    """Returns the ids of the payments in a user's event stream, in order."""
    user_id = await client.user_id(handle)
    entries = await stream_of(client, RowKey(user_id, user_id))
    changed = [entry.subject for entry in entries if entry.kind is StreamEventKind.PAYMENT_CHANGED]
    return [global_id("Payment", *subject) for subject in changed]
