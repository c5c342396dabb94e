"""A caller without quota is rejected before an unknown document is read."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from httpx2 import Response

from adapters.buckets import Bucket, BucketGroup
from adapters.buckets.base import MICROSECONDS
from adapters.buckets.memory import MemoryBuckets
from core.client import UNKNOWN
from core.settings import Settings
from core.viewer import SignedIn
from gateway.callers.caller import Caller
from gateway.documents.reader import Documents
from gateway.execution.preparer import CHARACTERS_PER_UNIT
from gateway.rates.empty import EmptyBuckets
from gateway.rates.events import EventCharges
from gateway.rates.quotas import Quotas
from tests.gateway.rates.conftest import Send, left
from tests.gateway.rates.test_requests import STORED
from tests.support.client import Client
from tests.support.timing import no_hang

FOLLOW = 'mutation { followUser(input: {userId: "unknown"}) { __typename } }'

INVALID = 200
"""The status of a response to an invalid document, for clients that accept any media type."""


class Read:
    """Counts the documents that are parsed and validated."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.documents = 0
        read = Documents._read

        def count(documents: Documents, text: str, *, is_trusted: bool) -> Any:
            self.documents += 1
            return read(documents, text, is_trusted=is_trusted)

        monkeypatch.setattr(Documents, "_read", count)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    return Read(monkeypatch)


async def exhaust(send: Send, **caller: int) -> Counter[int]:
    """Sends invalid documents, each of which is another one, until one is rejected. Returns the statuses."""
    statuses = Counter[int]()
    async with no_hang():
        while not statuses[429]:
            response = await send(f"{{ nonsense{statuses.total()} }}", **caller)
            statuses[response.status_code] += 1
            await asyncio.sleep(0.005)  # they are charged once a second
    return statuses


async def test_invalid_documents_are_rejected_when_the_quota_is_used_up(
    send: Send, limited: Client, read: Read, statements: list[str]
) -> None:
    assert (await send(FOLLOW, user=5)).status_code == 200
    assert (await send(STORED, user=5)).status_code == 200
    statuses = await exhaust(send, user=5)
    assert statuses[INVALID] >= 99 - (len(FOLLOW) + len(STORED)) // CHARACTERS_PER_UNIT
    documents = read.documents
    statements.clear()
    for query in ("{ more nonsense }", "{ nonsense0 }", "{ viewer { id } }", "{"):
        response = await send(query, user=5)
        assert response.status_code == 429
        (error,) = response.json()["errors"]
        assert error["message"] == "This user has requested too much in a short time. Send the request again later."
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert response.headers["retry-after"] == str(error["extensions"]["retryAfter"])
    assert (read.documents, statements) == (documents, [])
    page = (await limited.http.get("/metrics")).text
    assert 'bff_rate_rejections_total{bucket="user",class="reads"} 5.0' in page


async def test_known_documents_have_their_own_decision(send: Send) -> None:
    await send(FOLLOW, user=5)
    await send(STORED, user=5)
    await exhaust(send, user=5)
    known = await send(STORED, user=5)
    assert (known.status_code, left(known)) == (429, '"reads-user";r=0')
    other_class = await send(FOLLOW, user=5)
    assert (other_class.status_code, left(other_class).partition(";")[0]) == (200, '"writes-user"')
    assert (await send("{ nonsense }", user=6, device=3)).status_code == INVALID, "another user has quota"


async def test_after_a_rejected_read_unknown_documents_are_rejected_at_once(send: Send, read: Read) -> None:
    assert [(await send(STORED, user=5)).status_code for _ in range(61)] == [200] * 60 + [429]
    documents = read.documents
    response = await send("{ nonsense }", user=5)
    assert response.status_code == 429
    assert response.json()["errors"][0]["message"].startswith("This device has requested too much")
    assert read.documents == documents
    assert (await send("{ nonsense }", user=5, device=2)).status_code == INVALID


async def test_an_operation_of_a_batch_that_is_unknown_is_rejected_alone(send: Send) -> None:
    await send(FOLLOW, user=5)
    await exhaust(send, user=5)
    answers = (await send([{"query": FOLLOW}, {"query": "{ nonsense }"}], user=5)).json()
    assert "data" in answers[0]
    assert answers[1]["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


def test_empty_buckets_are_bounded_and_forgotten_when_they_have_room() -> None:
    now = [100.0]
    empty = EmptyBuckets(3, lambda: now[0])
    buckets = [Bucket(f"{number}", 10, MICROSECONDS) for number in range(4)]
    for number, bucket in enumerate(buckets):
        empty.note(bucket, (number + 1) * MICROSECONDS)
    groups = [BucketGroup([bucket]) for bucket in buckets]
    assert [empty.find(group) for group in groups] == [None, (0, 2.0), (0, 3.0), (0, 4.0)]
    assert empty.find(BucketGroup(buckets)) == (3, 4.0)
    now[0] += 3
    assert [empty.find(group) for group in groups] == [None, None, None, (0, 1.0)]
    assert len(empty) == 1


def test_users_without_a_quota_of_their_own_pay_with_their_address() -> None:
    quotas = Quotas.of(Settings(rate_reads="address=10,seconds=60"))
    empty, buckets = list[str](), MemoryBuckets()
    charges = EventCharges(quotas, lambda bucket, _wait: empty.append(bucket.key))
    charges.add(Caller(SignedIn(5, 1), None, "192.0.2.1", UNKNOWN), 10)
    charges.flush(buckets)
    assert empty == ["{a192.0.2.1}:reads:address"]


def room(response: Response) -> int:
    """Returns the room of the bucket in `RateLimit`."""
    return int(response.headers["ratelimit"].partition(";r=")[2].partition(";")[0])


async def test_a_new_document_costs_by_its_length_and_a_known_one_nothing(send: Send) -> None:
    """The user has a quota of 100, and the device one of 60. The document is charged to the user within a second."""
    long = "{ " + " ".join(f"name{number}: __typename" for number in range(25)) + " }"
    cost = len(long) // CHARACTERS_PER_UNIT
    assert 50 < cost < 70
    response = await send(long, user=5)
    async with no_hang():
        while not left(response).startswith('"reads-user"'):
            await asyncio.sleep(0.5)
            response = await send(STORED, user=5)
    assert room(response) <= 100 - cost
    await send(long, user=5)
    await asyncio.sleep(1.5)
    assert room(await send(STORED, user=5)) > room(response) - 10
