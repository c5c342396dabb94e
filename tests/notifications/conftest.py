"""A server of FCM, a mail server, and a user with a phone."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.support.client import Client
from tests.support.deliveries import add_phone
from tests.support.mail_server import MailServer, mail_server
from tests.support.relay import drained


@pytest.fixture
async def server(tmp_path: Path) -> AsyncGenerator[MailServer]:
    async with mail_server(tmp_path) as made:
        yield made


@pytest.fixture
async def ben(client: Client) -> int:
    """The id of a user with a phone, an empty inbox and no quiet hours."""
    await drained(client.resources)
    user_id = await client.user_id("ben")
    await client.resources.database.fetch("DELETE FROM notifications WHERE owner_id = $1", user_id)
    await client.resources.database.fetch("DELETE FROM jobs")
    await add_phone(client, "ben", "bens-phone")
    return user_id
