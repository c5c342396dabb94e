"""The servers that `make bench-floor` compares with ours execute the statements of ours."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench.floor.operations import TITLES, operations_of, read_asked
from bench.floor.statements import OTHERS, named
from bench.peer_statements import Statement, described, listening
from bench.world import World, connected
from core.settings import Settings
from tests.support.client import Client
from tests.support.engines import Engine, PostgresEngine
from tests.support.node import node_or_skip

PEER = Path(__file__).parent.parent.parent / "bench/peers/mercurius"
USERS = ("ana", "ben")
OWN, POST, USER, COMMENTS = ("own_by_id", 1), ("post_by_id", 2), ("user_by_id", 1), ("comments_by_post", 5)
BLOCKS = ("blocks_by_owner", 1)
EXECUTED = {
    "typename": {},
    "handle": dict([OWN]),
    "node": dict([POST, BLOCKS]),
    "home": dict([OWN, ("home_feed", 3), ("inbox", 4), ("payments", 3), COMMENTS]),
    "search": dict([("search", 9), USER, POST]),
    "thread": dict(
        [
            ("read_horizon", 0),
            POST,
            BLOCKS,
            ("liked_by_viewer", 3),
            ("live_position_by_post", 3),
            ("followed_by_viewer", 2),
            COMMENTS,
        ]
    ),
}
"""The statements that the resolvers of the peer execute, with the number of their values.

If ours executes others, `bench/peers/mercurius` needs the same change.
"""

_SUBQUERIES = """
import { subquery } from './subqueries.mjs'
const statements = JSON.parse(process.argv[1])
console.log(JSON.stringify(statements.map(([text, columns]) => subquery(text, columns))))
"""


@pytest.fixture
async def texts(client: Client, engine: Engine, settings: Settings) -> dict[str, dict[str, str]]:
    """The statements that ours executes for each operation."""
    if not isinstance(engine, PostgresEngine):
        pytest.skip("the peers read from PostgreSQL")
    asked = await read_asked(World(0, settings.database_url, [await client.user_id(handle) for handle in USERS]))
    found: dict[str, dict[str, str]] = {}
    for name, operation in operations_of(asked).items():
        found[name] = {}
        for place, handle in enumerate(USERS):
            token = await client.token(handle)
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
            with listening(found[name].__setitem__):
                answer = await client.http.post("/graphql", content=operation.body(place), headers=headers)
            assert answer.status_code == 200
            assert operation.expected in answer.text
            assert "errors" not in answer.json()
    return found


async def test_the_peer_has_a_resolver_for_each_statement_of_ours(texts: dict[str, dict[str, str]]) -> None:
    assert {
        name: {reader: _values(text) for reader, text in found.items()} for name, found in texts.items()
    } == EXECUTED
    assert list(texts) == list(TITLES)
    sources = "".join(file.read_text() for file in PEER.glob("*.mjs"))
    used = set(re.findall(r"\b(?:joined|statements)\.(?!mjs)([a-z_]+)\b", sources))
    taken = re.search(r"const \{([^}]*)\} = statements\b", sources)
    assert taken is not None
    used |= {part.split(":")[0].strip() for part in taken[1].split(",")}
    assert used == {reader for found in EXECUTED.values() for reader in found}


def _values(text: str) -> int:
    return max(map(int, re.findall(r"\$(\d+)", text)), default=0)


async def test_the_statements_of_the_peer_contain_those_of_ours_with_all_columns(
    texts: dict[str, dict[str, str]], settings: Settings
) -> None:
    ours = {reader: text for found in texts.values() for reader, text in found.items()}
    async with connected(settings.database_url) as connection:
        statements = {reader: await described(connection, text) for reader, text in ours.items()}
        theirs = dict(zip(statements, await _subqueries(list(statements.values())), strict=True))
        for reader, text in theirs.items():
            assert named({text: 2}, statements) == {reader: 2}
            columns = [column.replace("_", "").lower() for column in (await described(connection, text)).columns]
            assert columns == [column.replace("_", "") for column in statements[reader].columns]
    changed = {text.replace(" s", " AS s") if text.endswith(" s") else text: 1 for text in theirs.values()}
    assert named(changed, statements) == {OTHERS: len(theirs)}


async def _subqueries(statements: list[Statement]) -> list[str]:
    given = json.dumps([[statement.text, statement.columns] for statement in statements])
    process = await asyncio.create_subprocess_exec(
        node_or_skip(),
        "--input-type=module",
        "--eval",
        _SUBQUERIES,
        given,
        cwd=PEER,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    found: list[Any] = json.loads(output)
    return found


def test_other_statements_are_counted_together() -> None:
    statements = {"one": Statement("SELECT 1 AS one", ["one"])}
    executed = {"SELECT 1 AS one": 3, 'SELECT s.one AS "one" FROM (SELECT 1 AS one) s': 2, "SELECT 2": 1, "BEGIN": 4}
    assert named(executed, statements) == {"one": 5, OTHERS: 5}
