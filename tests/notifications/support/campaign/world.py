"""Prepares users with phones and mailboxes, a notification for each, and a log of what workers record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from adapters.database import Queries
from core.global_ids import global_id
from core.ids import MAX_ID
from models.notifications import DEFAULT_CHANNELS
from services.event_log.log import LogPosition
from services.jobs import JobKey, NewJob, enqueue
from services.maintenance.migrations import migrate
from services.relay.projections.deliveries import HANDLER
from services.resources import Resources
from tests.notifications.support.campaign.book import Key
from tests.notifications.support.campaign.scale import Scale

KIND = "FOLLOW"
ONE_DEAD_IN = 40
"""One in so many phones has a token that its provider calls dead."""

_LOG = """
CREATE TABLE delivery_log (
    id BIGSERIAL, owner_id BIGINT, notification_id BIGINT, channel TEXT, device_id BIGINT, state TEXT, at TIMESTAMPTZ
);
CREATE FUNCTION log_delivery() RETURNS trigger AS $$ BEGIN
    INSERT INTO delivery_log VALUES (
        DEFAULT, NEW.owner_id, NEW.notification_id, NEW.channel, NEW.device_id, NEW.state, clock_timestamp()
    );
    RETURN NULL;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER log_delivery AFTER INSERT OR UPDATE ON notification_deliveries FOR EACH ROW
    EXECUTE FUNCTION log_delivery()
"""
"""Logs each state of a delivery with its time."""

_TABLES = {
    "users": {"id": "bigint", "handle": "text", "name": "text"},
    "credentials": {"user_id": "bigint", "email": "bytea", "password_hash": "text"},
    "channel_preferences": {"owner_id": "bigint", "kind": "text", "in_app": "bool", "push": "bool", "email": "bool"},
    "devices": {"owner_id": "bigint", "id": "bigint", "name": "text", "platform": "text", "app_version": "text"},
    "push_tokens": {
        "push_index": "text",
        "user_id": "bigint",
        "device_id": "bigint",
        "provider": "text",
        "token": "bytea",
    },
    "notifications": {"owner_id": "bigint", "id": "bigint", "kind": "text", "actor_count": "bigint"},
}
_TIMES = {
    "users": ["created_at"],
    "credentials": ["changed_at"],
    "channel_preferences": [],
    "devices": ["created_at", "last_seen_at"],
    "push_tokens": ["registered_at"],
    "notifications": ["created_at"],
}
_CHUNK = 500


class DeliveryKey(NamedTuple):
    """The key of a row of `notification_deliveries`."""

    owner_id: int
    notification_id: int
    channel: str
    device_id: int


class Phone(NamedTuple):
    """A phone, whose token is dead or not."""

    device_id: int
    provider: str
    token: str
    is_dead: bool


class Person(NamedTuple):
    """A user with phones, and with the mail address if the user wants mails."""

    user_id: int
    phones: Sequence[Phone]
    email: str | None


class World(NamedTuple):
    """Holds the users, and all messages that are due, by their keys."""

    people: Sequence[Person]
    due: dict[DeliveryKey, Key]

    @property
    def dead(self) -> set[str]:
        return {phone.token for person in self.people for phone in person.phones if phone.is_dead}


def make_people(resources: Resources, scale: Scale) -> list[Person]:
    """Returns the users. They have phones of both providers in turn."""
    people: list[Person] = []
    count = 0
    for number in range(scale.people):
        phones: list[Phone] = []
        for _ in range(1 if number % 2 else 2):
            provider, token = (("APNS", f"{count:064x}"), ("FCM", f"token:{count}"))[count // 3 % 2]
            phones.append(Phone(resources.ids.next(), provider, token, count % ONE_DEAD_IN == 0))
            count += 1
        people.append(Person(resources.ids.next(), phones, f"p{number}@example.com" if number % 2 else None))
    return people


async def run_script(resources: Resources, script: str) -> None:
    """Runs several statements on PostgreSQL."""
    connection = await asyncpg.connect(resources.settings.database_url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()


async def prepare(resources: Resources, people: Sequence[Person]) -> World:
    """Creates the tables and writes the users."""
    await migrate(resources.database, lambda _name: None)
    await run_script(resources, _LOG)
    seal, now = resources.vault.seal, resources.clock()
    phones = [(person.user_id, phone) for person in people for phone in person.phones]
    rows: dict[str, list[tuple[object, ...]]] = {
        "users": [(person.user_id, f"p{number}", "A person") for number, person in enumerate(people)],
        "credentials": [
            (person.user_id, seal(person.user_id, person.email or "nobody@example.com"), "") for person in people
        ],
        "channel_preferences": [(person.user_id, KIND, True, True, person.email is not None) for person in people],
        "devices": [(owner, phone.device_id, "A phone", "IOS", "1.0.0") for owner, phone in phones],
        "push_tokens": [
            (
                *resources.vault.push_token_indexes(phone.token),
                owner,
                phone.device_id,
                phone.provider,
                seal(owner, phone.token),
            )
            for owner, phone in phones
        ],
    }
    async with resources.database.transaction() as transaction:
        for table, written in rows.items():
            await _insert(transaction, table, written, now)
    return World(people, {})


async def notify(resources: Resources, world: World, people: Sequence[Person], *, is_again: bool = False) -> None:
    """Adds a notification for each of these users, with its job, as the relay does.

    What is due is added to the world. Phones with dead tokens are not among it the second time.
    """
    assert DEFAULT_CHANNELS[KIND].push
    now, ids = resources.clock(), {person.user_id: resources.ids.next() for person in people}
    jobs = [NewJob(JobKey(owner, key, HANDLER), LogPosition(1, MAX_ID), "{}") for owner, key in ids.items()]
    async with resources.database.transaction() as transaction:
        await _insert(transaction, "notifications", [(owner, key, KIND, 1) for owner, key in ids.items()], now)
        for first in range(0, len(jobs), _CHUNK):
            await enqueue(transaction, jobs[first : first + _CHUNK], now)
    for person in people:
        world.due.update(_due(person, ids[person.user_id], is_again=is_again))


def _due(person: Person, notification_id: int, *, is_again: bool) -> Mapping[DeliveryKey, Key]:
    named = global_id("Notification", person.user_id, notification_id)
    due = {
        DeliveryKey(person.user_id, notification_id, "PUSH", phone.device_id): Key(phone.token, named)
        for phone in person.phones
        if not (is_again and phone.is_dead)
    }
    if person.email is not None:
        due[DeliveryKey(person.user_id, notification_id, "EMAIL", 0)] = Key(person.email, named)
    return due


async def _insert(queries: Queries, table: str, rows: Sequence[tuple[object, ...]], now: datetime) -> None:
    columns, times = _TABLES[table], _TIMES[table]
    named, values = ", ".join([*columns, *times]), ", ".join([*columns, *("$1" for _ in times)])
    now_values = [now] if times else []
    for first in range(0, len(rows), _CHUNK):
        statement = f"INSERT INTO {table} ({named}) SELECT {values} FROM input_rows"
        await queries.fetch_with_rows(statement, columns, rows[first : first + _CHUNK], *now_values)
