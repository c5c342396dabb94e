"""Rows of events whose types have one row per viewer, such as payments."""

from services.event_log.event_streams import RowKey, StreamEvent, StreamEventKind, append_to_streams
from services.event_log.log import LogPosition
from services.event_log.topics import wake_streams
from services.resources import Resources
from tests.support.client import Client
from tests.support.followers import Following

_RECEIVED = (
    "SELECT n.id, n.subject_owner_id, n.subject_id FROM notifications n "
    "WHERE n.owner_id = $1 AND n.kind = 'PAYMENT_RECEIVED' AND n.archived_at IS NULL ORDER BY n.id LIMIT 1"
)
_DIRECTIONS = """subscription { viewerEvents { event {
  ... on PaymentChanged { payment { direction } }
  ... on NotificationReceived { notification { subject { ... on Payment { direction } } } }
} } }"""


async def append(resources: Resources, user_id: int, kind: StreamEventKind, subject: RowKey) -> None:
    """Appends an event to a user's stream."""
    stream = RowKey(user_id, user_id)
    event = StreamEvent(stream, kind, subject, LogPosition(1, subject.id), resources.clock())
    async with resources.database.transaction() as transaction:
        await append_to_streams(transaction, [event])
    wake_streams(resources.bus, [stream])


async def test_each_party_of_a_payment_receives_it_from_their_side(following: Following, client: Client) -> None:
    ana, resources = await client.user_id("ana"), client.resources
    (row,) = await resources.database.fetch(_RECEIVED, ana)
    payment = RowKey(row["subject_owner_id"], row["subject_id"])
    (sender,) = await resources.database.fetch("SELECT handle FROM users WHERE id = $1", payment.owner_id)
    async with following.socket("ana") as recipient, following.socket(sender["handle"]) as other:
        for socket in (recipient, other):
            await following.subscribe(socket, _DIRECTIONS, {})
        for user_id in (ana, payment.owner_id):
            await append(resources, user_id, StreamEventKind.PAYMENT_CHANGED, payment)
        await append(resources, ana, StreamEventKind.NOTIFICATION_RECEIVED, RowKey(ana, row["id"]))
        events = [(await recipient.hear())["payload"]["data"]["viewerEvents"]["event"] for _ in range(2)]
        assert events == [{"payment": {"direction": "IN"}}, {"notification": {"subject": {"direction": "IN"}}}]
        heard = await other.hear()
        assert heard["payload"]["data"]["viewerEvents"]["event"] == {"payment": {"direction": "OUT"}}
