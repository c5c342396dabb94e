import json
from pathlib import Path

import pytest

from tests.support.client import HOME, Client

STATEMENTS = 5
"""The viewer, the badge, the feed, its comments, the inbox, the payments."""


async def test_ana_gets_her_home_screen_the_same_on_every_engine(client: Client, project: Path) -> None:
    expected = json.loads((project / "tests/feed/home-of-ana.json").read_text())
    assert await client.ask(HOME, as_="ana") == expected


@pytest.mark.parametrize("size", [5, 50])
async def test_the_home_screen_takes_the_same_statements_whatever_its_size(
    client: Client, statements: list[str], size: int
) -> None:
    token = await client.token("ana")
    statements.clear()
    answer = (await client.post(HOME, {"feedFirst": size}, token=token)).json()
    assert len(answer["data"]["viewer"]["feed"]["edges"]) == size
    assert len(statements) == STATEMENTS, statements


async def test_nobody_signed_in_has_no_viewer_and_costs_no_statement(client: Client, statements: list[str]) -> None:
    assert await client.ask(HOME) == {"data": {"viewer": None}}
    assert statements == []


async def test_a_feature_fails_without_the_others(client: Client) -> None:
    await client.resources.database.fetch("DROP TABLE payment_parties")
    answer = await client.ask(HOME, as_="ana")
    viewer = answer["data"]["viewer"]
    assert viewer["payments"] is None
    assert viewer["feed"]["edges"]
    assert viewer["notifications"]["edges"]
    (error,) = answer["errors"]
    assert error["path"] == ["viewer", "payments"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "payment_parties" not in json.dumps(answer)
