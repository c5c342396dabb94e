"""The operations that GraphiQL has ready, and their variables."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema
from httpx2 import ASGITransport, AsyncClient

from core.settings import Settings
from gateway.app import create_app
from gateway.graphiql.ready_operations import ready_operations
from gateway.graphiql.samples import Samples
from services.maintenance.seed import demo_password
from tests.gateway.test_graphiql import BROWSER, config
from tests.support.account import sign_in
from tests.support.app import App
from tests.support.client import Client
from tests.support.engines import Engine
from tests.support.followers import Following
from tests.support.server import serving
from tests.support.sockets import SocketClient
from tests.support.timing import no_hang, settings_for

VARIABLES = [
    "{",
    "  // An id from an earlier response.",
    '  "n": "",',
    '  "in": {',
    '    "text": "given",',
    '    "flag": true,',
    '    "part": {',
    "      // Which part. Copy the id from an earlier response.",
    '      "id": "",',
    '      "bare": "mine",',
    "      // The words.",
    '      "words": "",',
    '      "price": 1.0',
    "    },",
    '    "none": {}',
    "  },",
    '  "kind": "ONE",',
    '  "names": []',
    "}",
]
"""A blank where no value is known. An optional argument or field is left out."""


def ready(page: str) -> dict[str, dict[str, str]]:
    """The operations of a page by their names."""
    return {each["name"]: each for each in config(page)["operations"]}


def values(variables: str) -> Any:
    """Variables without their comments, as the page sends them."""
    return json.loads(re.sub(r"^ *// .*$", "", variables, flags=re.MULTILINE) or "null")


async def heard_by(socket: SocketClient) -> Any:
    async with no_hang():
        return await socket.hear()


async def test_each_operation_that_apps_send_is_ready_with_its_fragments(client: Client) -> None:
    offered = ready((await client.http.get("/graphql", headers=BROWSER)).text)
    assert next(iter(offered)) == "Home"
    assert offered["Home"]["query"].startswith("# The home screen of the app.")
    assert [offered["Home"][key] for key in ("kind", "group", "variables")] == ["query", "home", ""]
    assert [offered["PublishPost"][key] for key in ("kind", "group")] == ["mutation", "feed"]
    assert json.loads(offered["PublishPost"]["variables"]) == {"input": {"body": "Hello from GraphiQL"}}
    assert offered["LogIn"]["query"].count("fragment SessionTokens on Session") == 1
    live = {name: each["kind"] for name, each in offered.items() if each["group"] == "live"}
    assert live == {"ViewerEvents": "subscription", "PostEvents": "subscription", "Sync": "query"}


async def test_each_subscription_is_ready_with_variables_that_ana_can_use(settings: Settings) -> None:
    async with serving(settings) as server:
        following = Following(server, Client(server.http, server.resources))
        offered = ready((await server.http.get("/graphql", headers=BROWSER)).text)
        subscriptions = [each for each in offered.values() if each["kind"] == "subscription"]
        assert [each["name"] for each in subscriptions] == ["ViewerEvents", "PostEvents"]
        ben = App(following.client, "ben")
        async with following.socket("ana") as socket:
            for each in subscriptions:
                await following.subscribe(socket, each["query"], values(each["variables"]), each["name"])
            await ben.publishes("Live")
            await ben.comments(values(offered["PostEvents"]["variables"])["postId"], "Nice")
            await following.project()
            received: dict[str, Any] = {}
            while len(received) < len(subscriptions):
                heard = await heard_by(socket)  # the counts of the post may follow its comment before the other event
                received.setdefault(heard["id"], heard["payload"])
    assert received["ViewerEvents"]["data"]["viewerEvents"]["event"]["post"]["body"] == "Live"
    assert received["PostEvents"]["data"]["postEvents"]["event"]["comment"]["body"] == "Nice"


async def test_queries_and_mutations_are_ready_with_variables_that_ana_can_use(client: Client) -> None:
    """Except a refresh token, which its session alone knows. Her account is not deleted, since she has money left."""
    offered = ready((await client.http.get("/graphql", headers=BROWSER)).text)
    offered = {name: each for name, each in offered.items() if each["kind"] != "subscription"}
    blanks = {name for name, each in offered.items() if '""' in each["variables"]}
    assert blanks == {"RefreshSession"}
    found: dict[str, str] = {}
    token = (await sign_in(client, "ana"))["accessToken"]
    last = ["RemovePaymentMethod", "LogOut"]
    for name in [*(name for name in offered if name not in blanks and name not in last), *last]:
        answer = (await client.post(offered[name]["query"], values(offered[name]["variables"]), token=token)).json()
        assert "errors" not in answer, (name, answer)
        if offered[name]["kind"] == "mutation":
            (result,) = answer["data"].values()
            found[name] = result["__typename"]
        else:
            assert None not in answer["data"].values(), name
    mutations = {name for name, each in offered.items() if each["kind"] == "mutation"}
    succeeding = mutations - blanks - {"DeleteAccount"}
    assert found == {**{name: f"{name}Success" for name in succeeding}, "DeleteAccount": "InvalidInputProblem"}


async def test_ids_that_the_database_does_not_have_are_blanks_that_say_what_to_put(client: Client) -> None:
    await client.resources.database.fetch("DELETE FROM posts")
    offered = ready((await client.http.get("/graphql", headers=BROWSER)).text)
    assert offered["LikePost"]["variables"].splitlines() == [
        "{",
        '  "input": {',
        "    // The id of the post. Copy the id from an earlier response.",
        '    "postId": ""',
        "  }",
        "}",
    ]
    assert '""' not in offered["FollowUser"]["variables"]
    await client.resources.database.fetch("DELETE FROM handles")
    offered = ready((await client.http.get("/graphql", headers=BROWSER)).text)
    assert '"userId": ""' in offered["FollowUser"]["variables"]


async def test_the_page_opens_where_the_database_has_no_tables(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    async with engine.empty() as url:
        app = create_app(settings_for(url))
        transport = ASGITransport(app)
        async with app.router.lifespan_context(app), AsyncClient(transport=transport, base_url="http://bff") as http:
            offered = ready((await http.get("/graphql", headers=BROWSER)).text)
    assert values(offered["LikePost"]["variables"]) == {"input": {"postId": ""}}
    assert values(offered["RequestDataExport"]["variables"]) == {"input": {"password": demo_password("ana")}}
    assert [record.message for record in caplog.records if record.name.startswith("gateway.graphiql")] == [
        "GraphiQL does not know whether there are demo users",
        "GraphiQL has no ids of demo data",
    ]


def test_only_operations_that_the_schema_can_answer_are_ready(tmp_path: Path) -> None:
    schema = build_schema(
        """
        type Query {
            a("An id from an earlier response." n: ID!, in: In!, kind: Kind!, names: [String!]!, m: Int): Int
            b: Int
        }
        type Subscription { c: Int }
        input In { text: String!, flag: Boolean!, other: Int, part: Part!, none: None! }
        input Part { "Which\\n part." id: ID!, bare: ID!, "The words." words: String!, price: Float! }
        input None { other: Int }
        enum Kind { ONE TWO }
        """
    )
    (tmp_path / "one.graphql").write_text(
        "query A($n: ID!, $in: In!, $kind: Kind!, $names: [String!]!, $m: Int! = 3) "
        "{ a(n: $n, in: $in, kind: $kind, names: $names, m: $m) ...F }\n"
        "query Unknown { nothing }\nsubscription C { c }\n# What F is.\nfragment F on Query { b }\n"
        "fragment Unused on Query { b }\n"
    )
    (tmp_path / "home.graphql").write_text("{ b }")
    samples = Samples(schema, {"text": "given", "B.text": "another's", "A.bare": "mine"})
    first, second, third = [each.offer(samples) for each in ready_operations(tmp_path, schema)]
    assert first == {"name": "(no name)", "kind": "query", "group": "home", "query": "{ b }", "variables": ""}
    assert second["query"].endswith("}\n\n# What F is.\nfragment F on Query { b }")
    assert second["variables"].splitlines() == VARIABLES
    assert (third["kind"], third["query"]) == ("subscription", "subscription C { c }")
