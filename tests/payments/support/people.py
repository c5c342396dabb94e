"""Creates the accounts and cards of the clients."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random

from httpx2 import AsyncClient

from core.clock import system_clock
from core.global_ids import read_global_id
from core.keys import KeyRing
from core.viewer import SignedIn
from services.security.access_tokens import AccessTokens
from services.security.revocations import Revocations
from tests.payments.support.book import Book
from tests.payments.support.connection import Connection
from tests.payments.support.customer import TOKENS, Opened, Person
from tests.payments.support.scale import Scale

_LIFETIME = timedelta(hours=12)
_CONCURRENT = 4


async def open_accounts(
    servers: Sequence[AsyncClient], environment: Mapping[str, str], scale: Scale, book: Book
) -> list[Opened]:
    """Returns the people of a campaign, each with one card of each kind."""
    tokens = AccessTokens(KeyRing(environment["BFF_SECRET_KEYS"]), system_clock, _LIFETIME, Revocations(_LIFETIME))
    slots = asyncio.Semaphore(_CONCURRENT)

    async def open_one(number: int) -> Opened:
        async with slots:
            chance = Random(f"{scale.seed} connection {number}")  # noqa: S311 - not for secrets
            user_id = await _sign_up(Connection(list(servers), "", chance, book), number)
            connection = Connection(list(servers), tokens.issue(SignedIn(user_id, 1))[0], chance, book)
            cards = [await _add_card(connection, token) for token in TOKENS]
            return Opened(Person(user_id, cards), connection)

    return list(await asyncio.gather(*map(open_one, range(scale.clients))))


async def _sign_up(connection: Connection, number: int) -> int:
    device = {"name": "phone", "platform": "IOS", "appVersion": "4.3.0"}
    handle = f"client{number}"
    account = {"email": f"{handle}@example.com", "password": secrets.token_hex(12), "handle": handle, "name": handle}
    result = await connection.until_final("SignUp", {**account, "device": device})
    return read_global_id(result["user"]["id"], "id").id


async def _add_card(connection: Connection, token: str) -> str:
    result = await connection.until_final("AddPaymentMethod", {"providerToken": token})
    return result["paymentMethod"]["id"]
