"""Clients that read, write and pay all the time, through the proxy like apps."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from random import Random

from httpx2 import TransportError

from core.clock import system_clock
from core.global_ids import read_global_id
from core.keys import KeyRing
from core.viewer import SignedIn
from services.security.access_tokens import AccessTokens
from services.security.revocations import Revocations
from tests.campaign.support.clients import Acknowledged, Person
from tests.drills.support.record import Record, RecordingClient
from tests.payments.support.book import Book
from tests.payments.support.connection import Connection
from tests.payments.support.customer import Customer, Opened
from tests.payments.support.people import open_accounts
from tests.payments.support.sandbox import Sandbox
from tests.payments.support.scale import Scale
from tests.support.client import operation

CUSTOMERS, PEOPLE, READERS = 4, 3, 3
_LIFETIME = timedelta(hours=12)
_PATIENCE = 120.0
_BETWEEN_READS = 0.1
_HOME = operation("home.graphql", "Home")


class Load:
    """Has the clients, and what they were told: `book` about payments, and `told` about posts."""

    def __init__(self, http: RecordingClient, record: Record, keys: str) -> None:
        self._http = http
        self.record = record
        self._tokens = AccessTokens(KeyRing(keys), system_clock, _LIFETIME, Revocations(_LIFETIME))
        self.book, self.told = Book(), Acknowledged()
        self.customer_ids: Sequence[int] = []
        self._customers: Sequence[Customer] = []
        self._people: Sequence[Person] = []
        self.people_ids: Sequence[int] = []

    async def open(self, environment: Mapping[str, str], sandbox: Sandbox, seed: int) -> None:
        """Creates the accounts, through the API."""
        scale = Scale("postgres", CUSTOMERS, 2, 0, 0, 0, seed)
        opened: list[Opened] = await open_accounts([self._http], environment, scale, self.book)
        self.customer_ids = [person.user_id for person, _ in opened]
        self._customers = [
            Customer(account, self.customer_ids, _chance(f"{seed} customer {number}"), self.book, sandbox.confirm)
            for number, account in enumerate(opened)
        ]
        self.people_ids = [await self._sign_up(f"person{number}") for number in range(PEOPLE)]
        self._people = [
            Person(self._http, user_id, self._token(user_id), _chance(f"{seed} person {user_id}"))
            for user_id in self.people_ids
        ]

    async def _sign_up(self, handle: str) -> int:
        device = {"name": "phone", "platform": "IOS", "appVersion": "4.3.0"}
        account = {"email": f"{handle}@example.com", "password": secrets.token_hex(12), "handle": handle}
        connection = Connection([self._http], "", _chance(handle), self.book)
        result = await connection.until_final("SignUp", {**account, "name": handle, "device": device})
        return read_global_id(result["user"]["id"], "id").id

    def _token(self, user_id: int) -> str:
        return self._tokens.issue(SignedIn(user_id, 1))[0]

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Runs all clients in the block. After it each has its last response."""
        stopped = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for customer in self._customers:
                tasks.create_task(customer.run(stopped))
            self._start_people(tasks, stopped)
            try:
                yield
            finally:
                stopped.set()

    @asynccontextmanager
    async def reading_and_writing(self) -> AsyncGenerator[None]:
        """Runs readers and people in the block, who forget what they were told: a restore has taken some of it."""
        self.told = Acknowledged()
        stopped = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            self._start_people(tasks, stopped)
            try:
                yield
            finally:
                stopped.set()

    def _start_people(self, tasks: asyncio.TaskGroup, stopped: asyncio.Event) -> None:
        for person in self._people:
            tasks.create_task(person.write(self.told, self.people_ids, stopped))
        for number in range(READERS):
            tasks.create_task(self._read(self.people_ids[number % len(self.people_ids)], stopped))

    async def _read(self, user_id: int, stopped: asyncio.Event) -> None:
        """Reads the home screen. Its errors are in the record."""
        headers = {"Authorization": f"Bearer {self._token(user_id)}"}
        while not stopped.is_set():
            with suppress(TransportError):
                await self._http.post("/graphql", json={"query": _HOME}, headers=headers)
            await asyncio.sleep(_BETWEEN_READS)


def _chance(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - not for secrets
