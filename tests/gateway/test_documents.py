"""Tests the memory of cached documents, and the order in which new documents are read."""

import asyncio
import gc
import threading

import pytest
from graphql import FieldNode, OperationDefinitionNode

from core.settings import Settings
from gateway.documents.fair_executor import MAX_WAITING, MAX_WAITING_PER_ADDRESS, FairExecutor
from gateway.documents.guard import DocumentLimits
from gateway.documents.reader import MAX_SENT_OBJECTS, Document, Documents, InvalidDocument, _weight
from gateway.errors.request_error import RequestError
from resolvers.schema import build_schema
from tests.support.timing import HANG_SECONDS

DOCUMENTS = 30


def text(number: int) -> str:
    fields = " ".join(f'a{number}x{place}: node(id: "{place}") {{ id __typename }}' for place in range(50))
    return f"{{ {fields} }}"


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(build_schema(), DocumentLimits.of(Settings()))


def test_a_remembered_document_is_next_to_nothing_for_the_garbage_collector(documents: Documents) -> None:
    documents.read(text(0))
    gc.collect()
    before = len(gc.get_objects())
    kept = [documents.read(text(number)) for number in range(1, DOCUMENTS + 1)]
    gc.collect()
    assert len(gc.get_objects()) - before < 20 * DOCUMENTS
    assert all(isinstance(each, Document) and each.objects > 500 for each in kept)


def test_a_document_is_freed_without_the_garbage_collector(documents: Documents) -> None:
    read = documents.read("{ freed: __typename }")
    assert isinstance(read, Document)
    operation = read.node.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)
    assert not gc.is_tracked(field)
    assert field.loc is not None
    assert (field.loc.start, field.loc.start_token) == (2, None)


def test_refused_documents_weigh_what_their_errors_quote_of_them(documents: Documents) -> None:
    long = "a" * 200
    refused = f"{{ {' '.join(f'{long}{place}' for place in range(10))} }}"
    read = documents.read(refused)
    assert isinstance(read, InvalidDocument)
    characters = len(refused) + sum(len(error.message) for error in read.errors)
    assert characters > 4_000
    most_remembered = MAX_SENT_OBJECTS / _weight(refused, read)
    assert most_remembered * characters < 8 * 1024 * 1024


async def test_a_document_that_many_send_is_read_once_and_beside_the_event_loop(documents: Documents) -> None:
    read = await asyncio.gather(*(documents.read_fairly(text(900), "10.0.0.1") for _ in range(50)))
    assert len({id(each) for each in read}) == 1
    assert documents.get_cached(text(900)) is read[0]
    documents.close()


async def test_addresses_take_turns_and_one_has_so_many_places() -> None:
    turns, order, begin = FairExecutor[int](), list[int](), threading.Event()

    def work(number: int) -> int:
        begin.wait(HANG_SECONDS)
        order.append(number)
        return number

    first = turns.submit("a", lambda: work(0))
    many = [turns.submit("a", lambda number=number: work(number)) for number in range(1, MAX_WAITING_PER_ADDRESS + 1)]
    with pytest.raises(RequestError) as refused:
        turns.submit("a", lambda: work(-1))
    assert refused.value.errors[0]["extensions"]["code"] == "OVERLOADED"
    other = turns.submit("b", lambda: work(1000))
    begin.set()
    assert await asyncio.gather(first, other, *many) == [0, 1000, *range(1, MAX_WAITING_PER_ADDRESS + 1)]
    assert order[:3] == [0, 1, 1000]
    turns.close()


async def test_a_process_has_so_many_places() -> None:
    turns, begin = FairExecutor[bool](), threading.Event()
    first = turns.submit("first", lambda: begin.wait(HANG_SECONDS))
    waiting = [turns.submit(f"address {number % 8}", lambda: True) for number in range(MAX_WAITING)]
    with pytest.raises(RequestError) as refused:
        turns.submit("another", lambda: True)
    assert refused.value.errors[0]["extensions"]["code"] == "OVERLOADED"
    begin.set()
    assert all(await asyncio.gather(first, *waiting))
    assert await turns.submit("another", lambda: True)
    turns.close()
