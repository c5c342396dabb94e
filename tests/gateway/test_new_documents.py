"""Tests the cost of many new documents: objects, memory, and delays of other requests."""

import asyncio
import gc
import sys
import time
import weakref
from collections.abc import Generator
from itertools import count
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient

from cli.runtime import tune_garbage_collection
from core.settings import Settings
from gateway.app import create_app
from gateway.documents.guard import DocumentLimits
from gateway.documents.reader import Document, Documents
from resolvers.schema import build_schema
from tests.support.client import Client
from tests.support.timing import settings_for

DOCUMENTS = 150
ROOTS = 50
FIELDS = "__typename id ... on User { handle name bio avatarUrl createdAt postCount followerCount followingCount }"
USER = '{ user(handle: "ana") { id name posts { edges { node { body } } } } }'
MAX_TRACKED = 500
"""Objects that the collector looks at for a document that was answered twice: mostly generated functions."""
MAX_MEBIBYTES = 64
_numbers = count()


@pytest.fixture
def settings(database_url: str) -> Settings:
    """The settings without a response cache, whose memory is limited apart from that of documents."""
    return settings_for(database_url)


def text(node_id: str) -> str:
    number = next(_numbers)
    roots = (f'a{number}x{place}: node(id: "{node_id}") {{ {FIELDS} }}' for place in range(ROOTS))
    return f"{{ {' '.join(roots)} }}"


async def ask(client: Client, document: str) -> None:
    data = await client.data(document)
    assert len(data) == ROOTS


def resident() -> float:
    """Mebibytes."""
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


@pytest.fixture
def resting() -> Generator[None]:
    """The collector looks at what a test makes, and at nothing else."""
    before = gc.get_threshold()
    tune_garbage_collection()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.fixture
async def ana(client: Client) -> str:
    return (await client.data('{ user(handle: "ana") { id } }'))["user"]["id"]


@pytest.mark.usefixtures("resting")
async def test_answered_documents_are_few_objects_for_the_collector(client: Client, ana: str) -> None:
    documents = [text(ana) for _ in range(20)]
    for document in documents[:2] * 3:
        await ask(client, document)
    gc.collect()
    gc.collect()
    before = len(gc.get_objects())
    for document in documents * 2:
        await ask(client, document)
    gc.collect()
    gc.collect()
    assert len(gc.get_objects()) - before < MAX_TRACKED * len(documents)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
async def test_memory_is_bounded_whatever_is_sent(client: Client, ana: str) -> None:
    for _ in range(3):
        await ask(client, text(ana))
    before = resident()
    for _ in range(DOCUMENTS):
        await ask(client, text(ana))
    gc.collect()
    assert resident() - before < MAX_MEBIBYTES


@pytest.mark.usefixtures("resting")
async def test_the_event_loop_does_not_read_documents(client: Client, ana: str, settings: Settings) -> None:
    """Its longest step takes half the processor time of reading a document at most, though it executes them."""
    done, longest = asyncio.Event(), 0.0

    async def watch() -> None:
        nonlocal longest
        while not done.is_set():
            begun = time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - begun)

    await ask(client, text(ana))
    documents = [text(ana) for _ in range(8)]
    watching = asyncio.create_task(watch())
    for document in documents:
        await ask(client, document)
    done.set()
    await watching
    assert longest < reading(text(ana), settings) / 2


def reading(document: str, settings: Settings) -> float:
    """Seconds of processor time, the shortest of some."""
    documents, taken = Documents(build_schema(), DocumentLimits.of(settings)), list[float]()
    for number in range(4):
        begun = time.thread_time()
        assert isinstance(documents.read(f"# {number}\n{document}"), Document)
        taken.append(time.thread_time() - begun)
    return min(taken)


async def test_plans_that_are_not_tracked_do_not_keep_their_schema(settings: Settings) -> None:
    schema = build_schema()
    gone = weakref.ref(schema._schema)
    app = create_app(settings, schema=schema)
    http = AsyncClient(transport=ASGITransport(app), base_url="http://bff")
    async with app.router.lifespan_context(app), http:
        answers = [await http.post("/graphql", json={"query": USER}) for _ in range(3)]
    assert [answer.json()["data"]["user"]["name"] for answer in answers] == ["Ana Lima"] * 3
    del app, schema, http, answers
    gc.collect()
    assert gone() is None
