"""Changes the seeded data in ways that no mutation supports yet."""

from datetime import UTC, datetime

from adapters.response_store import ANYTHING
from models.counts import CountDeltaModel
from models.users import BlockModel
from services.resources import Resources

NOW = datetime(2026, 11, 1, tzinfo=UTC)


async def change(resources: Resources, sql: str, *values: object) -> None:
    """Changes rows as no service does, and announces that everything may have changed."""
    await resources.database.fetch(sql, *values)
    await forget_responses(resources)


async def forget_responses(resources: Resources) -> None:
    """Outdates all stored responses."""
    if resources.responses is not None:
        assert await resources.responses.announce([ANYTHING])


async def block(resources: Resources, blocker: int, blocked: int) -> None:
    client, ids = resources.database.client, resources.ids
    await BlockModel.create(
        using_db=client, owner_id=blocker, other_id=blocked, outgoing=True, id=ids.next(), created_at=NOW
    )
    await BlockModel.create(
        using_db=client, owner_id=blocked, other_id=blocker, outgoing=False, id=ids.next(), created_at=NOW
    )
    await forget_responses(resources)


async def change_count(resources: Resources, owner: int, subject: int, counter: str, delta: int) -> None:
    await CountDeltaModel.create(
        using_db=resources.database.client,
        owner_id=owner,
        subject_id=subject,
        counter=counter,
        id=resources.ids.next(),
        delta=delta,
    )
    await forget_responses(resources)
