import json
from collections.abc import AsyncGenerator

import pytest

from tests.support.client import Client


def refusal(text: str) -> tuple[str, str]:
    (error,) = json.loads(text)["errors"]
    return error["extensions"]["code"], error["message"]


@pytest.mark.parametrize("path", ["/graphql", "/livez"])
async def test_an_address_longer_than_8_kib_is_refused(client: Client, path: str) -> None:
    fitting = await client.http.get(f"{path}?query={{__typename}}%20{'a' * (8192 - len(path) - 24)}")
    assert fitting.status_code < 414
    response = await client.http.get(f"{path}?query={'a' * 8192}")
    assert response.status_code == 414
    assert refusal(response.text) == ("BAD_REQUEST", "The URL is longer than 8192 bytes. Use POST.")


async def test_headers_longer_than_32_kib_together_are_refused(client: Client) -> None:
    headers = {f"X-Header-{number}": "x" * 1000 for number in range(31)}
    assert (await client.post("{ __typename }", **headers)).status_code == 200
    response = await client.post("{ __typename }", **headers, **{"X-Header-31": "x" * 1000, "X-Header-32": "x" * 1000})
    assert response.status_code == 431
    assert refusal(response.text) == ("BAD_REQUEST", "The headers are longer than 32768 bytes in total.")


async def test_a_body_is_taken_up_to_1_mib_and_not_a_byte_more(client: Client) -> None:
    body = b'{"query": "{ __typename }"}'
    headers = {"Content-Type": "application/json"}
    fitting = await client.http.post("/graphql", content=body.ljust(1024 * 1024), headers=headers)
    assert fitting.json() == {"data": {"__typename": "Query"}}
    response = await client.http.post("/graphql", content=body.ljust(1024 * 1024 + 1), headers=headers)
    assert response.status_code == 413
    assert refusal(response.text) == ("BAD_REQUEST", "The body is longer than 1048576 bytes.")


async def test_a_body_of_unknown_length_is_cut_off_at_1_mib(client: Client) -> None:
    sent = 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    response = await client.http.post("/graphql", content=endless(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert sent <= 1024 * 1024 + 2 * 65536
