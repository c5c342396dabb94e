"""Operations over a socket: their answers, their errors, and how they end."""

import asyncio
import json
import logging

import pytest

from tests.support.live import Watched
from tests.support.server import Server
from tests.support.sockets import opened, socket_to

FOREVER = "subscription { forever { number } }"


async def test_messages_may_come_as_binary_data(lively: Server) -> None:
    """Apollo iOS 2 sends them so."""
    async with socket_to(lively) as client:
        await client.raw.send(b'{"type":"connection_init"}')
        assert await client.hear() == {"type": "connection_ack"}
        await client.raw.send(b'{"type":"subscribe","id":"1","payload":{"query":"{ hello }"}}')
        assert await client.hear() == {"id": "1", "type": "next", "payload": {"data": {"hello": "world"}}}
        assert await client.hear() == {"id": "1", "type": "complete"}


async def test_a_subscription_has_an_answer_for_each_event_and_then_none(lively: Server) -> None:
    async with opened(lively) as client:
        assert await client.answers("subscription { count(to: 2) { number } }", id="a") == [
            {"id": "a", "type": "next", "payload": {"data": {"count": {"number": 0}}}},
            {"id": "a", "type": "next", "payload": {"data": {"count": {"number": 1}}}},
            {"id": "a", "type": "complete"},
        ]


async def test_queries_and_mutations_have_one_answer(lively: Server, seen: Watched) -> None:
    async with opened(lively) as client:
        asked = {"query": "query A { hello } query B ($n: Int!) { wide(number: $n) }"}
        assert await client.answers(**asked, operationName="B", variables={"n": 3}) == [
            {"id": "1", "type": "next", "payload": {"data": {"wide": 3}}},
            {"id": "1", "type": "complete"},
        ]
        answers = await client.answers("mutation { slowly }")
        assert answers[0]["payload"] == {"data": {"slowly": 1}}
    assert seen.mutated == 1


async def test_deferred_fragments_come_in_one_piece(lively: Server) -> None:
    async with opened(lively) as client:
        answers = await client.answers("{ person { name ... @defer { nickname } } }")
        assert answers[0]["payload"] == {"data": {"person": {"name": "Ana", "nickname": "An"}}}


async def test_an_id_may_be_used_again_when_its_operation_has_ended(lively: Server) -> None:
    async with opened(lively) as client:
        for _ in range(20):
            assert len(await client.answers("{ hello }")) == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "BAD_REQUEST"),
        ("query ($number: Int!) { wide(number: $number) }", "BAD_USER_INPUT"),
        ("subscription { mine }", "UNAUTHENTICATED"),
        ("subscription { fails { number } }", "INTERNAL_SERVER_ERROR"),
    ],
)
async def test_what_cannot_be_executed_ends_with_an_error_and_leaves_the_socket(
    lively: Server, query: str, code: str
) -> None:
    async with opened(lively) as client:
        (answer,) = await client.answers(query)
        assert (answer["id"], answer["type"]) == ("1", "error")
        assert [error["extensions"]["code"] for error in answer["payload"]] == [code]
        assert "hunter2" not in json.dumps(answer)
        assert len(await client.answers("{ hello }")) == 2


async def test_each_operation_has_a_request_id_of_its_own_which_the_log_has_too(
    lively: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(lively) as client:
        answers = [(await client.answers("{ secret }"))[0]["payload"] for _ in range(2)]
    extensions = [answer["errors"][0]["extensions"] for answer in answers]
    assert [each["code"] for each in extensions] == ["INTERNAL_SERVER_ERROR"] * 2
    assert len({each["requestId"] for each in extensions}) == 2
    assert "hunter2" not in json.dumps(answers)
    failed = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in failed] == ["a field failed: secret"] * 2


async def test_a_source_that_fails_ends_with_a_masked_error(lively: Server) -> None:
    async with opened(lively) as client:
        first, last = await client.answers("subscription { ends { number } }")
        assert first["payload"] == {"data": {"ends": {"number": 0}}}
        assert (last["type"], last["payload"][0]["extensions"]["code"]) == ("error", "INTERNAL_SERVER_ERROR")
        assert "hunter2" not in json.dumps(last)


async def test_each_event_has_loaders_of_its_own(lively: Server, seen: Watched) -> None:
    async with opened(lively) as client:
        await client.answers("subscription { count(to: 3) { viewer } }")
    assert len({id(loaders) for loaders in seen.loaders}) == 3


async def test_completing_a_subscription_closes_its_source_at_once_and_nothing_more_is_said_of_it(
    lively: Server, seen: Watched
) -> None:
    async with opened(lively) as client:
        await client.subscribe(FOREVER, id="a")
        assert (await client.hear())["type"] == "next"
        await client.say(type="complete", id="a")
        await seen.until(lambda: seen.closed == 1)
        await client.subscribe(FOREVER, id="a")
        assert (await client.hear())["type"] == "next", "the same id, at once"
        await client.say(type="complete", id="a")
        await client.say(type="complete", id="unknown")
        assert await client.answers("{ hello }", id="b") == [
            {"id": "b", "type": "next", "payload": {"data": {"hello": "world"}}},
            {"id": "b", "type": "complete"},
        ]


async def test_all_sources_are_closed_when_the_client_goes_away(lively: Server, seen: Watched) -> None:
    async with opened(lively) as client:
        for number in range(3):
            await client.subscribe(FOREVER, id=str(number))
            await client.hear()
        await client.subscribe("{ never }", id="query")
        await seen.until(lambda: seen.open == 4)
    await seen.until(lambda: seen.closed == 4)


@pytest.mark.parametrize("leave", ["complete", "close"])
async def test_a_mutation_that_has_begun_is_carried_through(lively: Server, seen: Watched, leave: str) -> None:
    async with opened(lively) as client:
        await client.subscribe("mutation { slowly }")
        await client.say(type="ping")
        assert await client.hear() == {"type": "pong"}
        if leave == "complete":
            await client.say(type="complete", id="1")
            assert len(await client.answers("{ hello }")) == 2
    assert seen.mutated == 0
    await seen.until(lambda: seen.mutated == 1)


async def test_a_mutation_is_carried_through_even_when_the_client_leaves_before_its_document_is_read(
    lively: Server, seen: Watched
) -> None:
    async with opened(lively) as client:
        for number in range(3):
            await client.subscribe(f"mutation M{number} {{ slowly }}", id=str(number))
            await client.say(type="complete", id=str(number))
        assert await client.answers("{ hello }", id="last") == [
            {"id": "last", "type": "next", "payload": {"data": {"hello": "world"}}},
            {"id": "last", "type": "complete"},
        ]
    await seen.until(lambda: seen.mutated == 3)


async def test_a_query_that_the_client_leaves_before_its_document_is_read_is_not_executed(
    lively: Server, seen: Watched
) -> None:
    async with opened(lively) as client:
        for number in range(3):
            await client.subscribe(f"query Left{number} {{ never }}", id=str(number))
            await client.say(type="complete", id=str(number))
        assert len(await client.answers("{ hello }", id="last")) == 2
    assert seen.open == 0


async def test_mutations_count_until_they_have_ended_even_when_the_client_waits_no_more(
    lively: Server, seen: Watched
) -> None:
    async with opened(lively) as client:
        for number in range(5):
            await client.subscribe("mutation { slowly }", id=str(number))
            await client.say(type="ping")
            await client.hear()
            await client.say(type="complete", id=str(number))
        (answer,) = await client.answers("mutation { slowly }", id="5")
        assert answer["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
    await seen.until(lambda: seen.mutated == 5)


async def test_a_client_that_does_not_read_holds_its_source_back(lively: Server, seen: Watched) -> None:
    async with opened(lively) as client:
        client.raw.transport.pause_reading()
        await client.subscribe("subscription { flood(size: 100000) }")
        await seen.until(lambda: seen.open > 5)
        before = 0
        while before < seen.open:
            before = seen.open
            await asyncio.sleep(0.15)
        assert before < 100, "what the buffers of two sockets hold"
        client.raw.transport.resume_reading()
        await seen.until(lambda: seen.open > before + 20)
        client.raw.transport.abort()


async def test_a_ping_is_answered_and_a_pong_needs_no_answer(lively: Server) -> None:
    async with opened(lively) as client:
        await client.say(type="pong")
        await client.say(type="pong", payload={"a": 1})
        await client.say(type="ping", payload=None)
        assert await client.hear() == {"type": "pong"}
