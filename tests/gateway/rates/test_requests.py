"""Requests over HTTP take their cost from the quotas of their user, device and client address."""

import asyncio
import json
from hashlib import sha256
from typing import Any

from core.settings import Settings
from gateway.app import create_app
from gateway.execution.operations import Operations
from tests.gateway.rates.conftest import Send, left
from tests.support.client import LOG_IN, Client

PAGE = 'query Page($n: Int!) { user(handle: "ana") { followers(first: $n) { edges { node { id } } } } }'
"""Costs 2 and twice the size of the page."""
STORED = "{ viewer { __typename } }"


async def test_a_stored_response_costs_one_unit(send: Send, statements: list[str]) -> None:
    first = await send(STORED, user=5)
    statements.clear()
    rest = [await send(STORED, user=5) for _ in range(3)]
    assert [left(each) for each in (first, *rest)] == [f'"reads-device";r={room}' for room in (59, 58, 57, 56)]
    assert rest[0].headers["ratelimit-policy"] == (
        '"reads-user";q=100;w=3600;qu="cost", "reads-device";q=60;w=3600;qu="cost", '
        '"reads-address";q=150;w=3600;qu="cost"'
    )
    assert rest[0].headers["ratelimit"] == '"reads-device";r=58;t=120'
    assert statements == []


async def test_an_operation_takes_its_cost_and_gets_back_what_it_did_not_use(limited: Client, send: Send) -> None:
    query = '{ user(handle: "nobody-has-this") { followers(first: 25) { edges { node { id } } } } }'
    reported = await limited.http.post("/graphql", json={"query": query, "extensions": {"cost": True}})
    cost = reported.json()["extensions"]["cost"]
    assert (cost["requested"], cost["actual"]) == (52, 0)
    assert left(reported) == '"reads-address";r=149', "a request costs a unit at least"
    assert [left(await send(text, user=5)) for text in (query, STORED)] == [
        '"reads-device";r=59',
        '"reads-device";r=58',
    ]


async def test_a_request_beyond_a_quota_is_refused_before_any_statement(
    send: Send, limited: Client, statements: list[str]
) -> None:
    spent = [await send(STORED, user=5) for _ in range(60)]
    assert {response.status_code for response in spent} == {200}
    statements.clear()
    for query in (STORED, PAGE):
        response = await send(query, {"n": 1}, user=5)
        assert response.status_code == 429
        (error,) = response.json()["errors"]
        assert error["message"] == "This device has requested too much in a short time. Send the request again later."
        extensions = error["extensions"]
        assert (extensions["code"], extensions["retryable"]) == ("RATE_LIMITED", True)
        assert 0 < extensions["retryAfter"] <= 60
        assert response.headers["retry-after"] == str(extensions["retryAfter"])
        assert left(response) == '"reads-device";r=0'
    assert statements == []
    page = (await limited.http.get("/metrics")).text
    assert 'bff_rate_rejections_total{bucket="device",class="reads"} 2.0' in page
    assert "bff_rate_limiter_available 1.0" in page


async def test_others_are_served_while_one_is_refused(send: Send) -> None:
    for _ in range(60):
        await send(STORED, user=5, device=1)
    assert (await send(STORED, user=5, device=1)).status_code == 429
    other_device = [await send(STORED, user=5, device=2) for _ in range(41)]
    assert [response.status_code for response in other_device] == [200] * 40 + [429]
    assert other_device[-1].json()["errors"][0]["message"].startswith("This user has requested too much")
    assert (await send(STORED, user=6, device=3)).status_code == 200
    at_address = [await send(STORED, user=7 + number // 40, device=4 + number // 40) for number in range(50)]
    assert [response.status_code for response in at_address] == [200] * 49 + [429]
    assert at_address[-1].json()["errors"][0]["message"].startswith("This network has requested too much")
    assert (await send("{ __typename }")).status_code == 429


async def test_classes_have_quotas_of_their_own(send: Send) -> None:
    log_out = "mutation { logOut { __typename } }"
    follow = 'mutation { followUser(input: {userId: "unknown"}) { __typename } }'
    assert left(await send(follow, user=5)).startswith('"writes-user";r=')
    assert left(await send(log_out, user=5)).startswith('"sign-in-address";r=')
    assert left(await send(STORED, user=5)) == '"reads-device";r=59'
    assert [(await send(follow, user=5)).status_code for _ in range(3)][-1] == 429
    assert (await send(STORED, user=5)).status_code == 200
    greatest = "mutation { ... on Mutation { ...f } } fragment f on Mutation { logOut { __typename } }"
    assert left(await send(greatest, user=5)).startswith('"sign-in-address"')
    money = 'mutation { removePaymentMethod(input: {id: "unknown"}) { __typename } logOut { __typename } }'
    response = await send(money, user=5)
    assert (response.status_code, "ratelimit" in response.headers) == (200, False), "money has no quota here"


async def test_a_field_that_a_literal_excludes_does_not_decide_the_class(send: Send) -> None:
    follow = 'followUser(input: {userId: "unknown"}) { __typename }'
    excluded = f"mutation {{ {follow} logOut @skip(if: true) {{ __typename }} }}"
    assert left(await send(excluded, user=5)).startswith('"writes-user";r=')
    by_variable = f"mutation ($skip: Boolean!) {{ {follow} logOut @skip(if: $skip) {{ __typename }} }}"
    assert left(await send(by_variable, {"skip": True}, user=5)).startswith('"sign-in-address";r=')


async def test_sign_ins_take_from_the_address(send: Send) -> None:
    device = {"platform": "IOS", "name": "a", "appVersion": "1"}
    variables = {"input": {"email": "no@example.com", "password": "wrong-password", "device": device}}
    responses = [await send(LOG_IN, variables) for _ in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 429]


async def test_a_batch_takes_the_sum_from_the_greatest_class(send: Send) -> None:
    page = {"query": PAGE, "variables": {"n": 12}}
    await send(STORED, user=5)
    assert (await send([page, page, page], user=5)).status_code == 429
    response = await send([{"query": STORED}, page, {"query": "{ nonsense }"}], user=5)
    assert response.status_code == 200
    assert left(response) == f'"reads-device";r={60 - 1 - 1 - 26}'
    follow = {"query": 'mutation { followUser(input: {userId: "unknown"}) { __typename } }'}
    assert left(await send([{"query": STORED}, follow], user=5)).startswith('"writes-user"')


async def test_equal_requests_at_the_same_time_pay_for_one_execution(send: Send) -> None:
    responses = await asyncio.gather(*(send(PAGE, {"n": 5}) for _ in range(4)))
    edges = len(responses[0].json()["data"]["user"]["followers"]["edges"])
    assert [response.status_code for response in responses] == [200] * 4
    assert left(await send(STORED)) == f'"reads-address";r={150 - (2 + 2 * edges) - 3 - 1}'


async def test_an_execution_that_fails_is_given_back(send: Send, monkeypatch: Any) -> None:
    async def fail(*_: object) -> Any:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(Operations, "_execute", fail)
        responses = [await send(PAGE, {"n": size}, user=5) for size in (20, 21)]
    assert [response.status_code for response in responses] == [500, 500]
    assert left(await send(STORED, user=5)) == '"reads-device";r=57'


async def test_variables_that_are_invalid_cost_one_unit(send: Send) -> None:
    assert left(await send(PAGE, {"n": "many"}, user=5)) == '"reads-device";r=59'


async def test_shared_caches_get_responses_without_limits(limited: Client) -> None:
    text = '{ user(handle: "ana") { id } }'
    digest = sha256(text.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    stored = await limited.http.post("/graphql", json={"query": text, "extensions": extensions})
    assert "ratelimit" in stored.headers
    response = await limited.http.get("/graphql", params={"extensions": json.dumps(extensions)})
    assert "public" in response.headers["cache-control"]
    assert [name for name in response.headers if name.startswith("ratelimit")] == []


async def test_without_rates_responses_have_no_limits(client: Client, settings: Settings) -> None:
    response = await client.post(STORED)
    assert [name for name in response.headers if name.startswith("ratelimit")] == []
    assert client.resources.buckets is None
    assert not create_app(settings).state.operations.spendings.counts_requests
