"""A response and the events after its cursor leave no gap."""

import pytest

from tests.support.app import App
from tests.support.client import Client, operation
from tests.support.followers import Following
from tests.support.statements import recorded

POST = operation("feed.graphql", "Thread")


async def test_events_follow_what_the_home_screen_contains(following: Following, client: Client) -> None:
    query = "{ viewer { liveCursor feed(first: 1) { edges { node { id } } } } }"
    ben = App(client, "ben")
    first = await ben.publishes("1")
    await following.project()
    viewer = (await client.data(query, as_="ana"))["viewer"]
    assert viewer["feed"]["edges"] == [{"node": {"id": first}}]
    second = await ben.publishes("2")
    await following.project()
    async with following.viewer("ana", viewer["liveCursor"]) as ana:
        assert (await ana.event())["post"]["id"] == second


async def test_the_cursor_of_the_viewer_takes_no_statement_of_its_own(client: Client) -> None:
    token = await client.token("ana")
    with recorded() as statements:
        answer = await client.post(
            "{ viewer { liveCursor user { handle } notificationCounts { unread } } }", token=token
        )
    assert isinstance(answer.json()["data"]["viewer"]["liveCursor"], str)
    assert len(statements) == 1, statements


async def test_the_cursor_of_the_viewer_is_read_before_everything_else(client: Client) -> None:
    token = await client.token("ana")
    with recorded() as statements:
        await client.post("{ viewer { feed { edges { node { id } } } liveCursor } }", token=token)
    assert ["FROM users u" in sql for sql in statements] == [True, False]


async def test_events_of_a_post_follow_what_its_screen_contains(following: Following, client: Client) -> None:
    ana, ben = App(client, "ana"), App(client, "ben")
    post = await ana.publishes()
    first = await ben.comments(post, "first")
    node = (await client.data(POST, {"postId": post}, as_="dia"))["node"]
    assert [edge["node"]["id"] for edge in node["comments"]["edges"]] == [first]
    second = await ben.comments(post, "second")
    await following.project()
    async with following.post("dia", post, node["liveCursor"]) as dia:
        arrived: list[str] = []
        while second not in arrived:
            event = await dia.event()
            if event["__typename"] == "CommentAdded":
                arrived.append(event["comment"]["id"])
    assert set(arrived) <= {first, second}


async def test_the_cursor_of_a_post_takes_two_statements(client: Client) -> None:
    post = await App(client, "ana").publishes()
    token = await client.token("dia")
    counts: list[int] = []
    for query in (POST, POST.replace("liveCursor", "")):
        with recorded() as statements:
            assert "errors" not in (await client.post(query, {"postId": post}, token=token)).json()
        counts.append(len(statements))
    assert counts[0] - counts[1] == 2


@pytest.mark.parametrize("query", ["{ viewer { liveCursor } }", POST])
async def test_without_a_signed_in_user_there_is_no_cursor(client: Client, query: str) -> None:
    post = await App(client, "ana").publishes()
    data = await client.data(query, {"postId": post} if query == POST else None)
    assert data == {"viewer": None} if query != POST else data["node"]["liveCursor"] is None


async def test_events_of_a_restored_log_precede_the_cursor_of_a_post(following: Following, client: Client) -> None:
    """Their transactions may have higher numbers than all of the cluster into which the log was restored."""
    post = await App(client, "ana").publishes()
    await App(client, "ben").comments(post, "before the backup")
    await following.project()
    if client.resources.settings.database_url.startswith("postgres"):
        await client.resources.database.fetch("UPDATE stream_entries SET log_tx = log_tx + $1", 2**40)
    cursor = (await client.data(POST, {"postId": post}, as_="dia"))["node"]["liveCursor"]
    added = await App(client, "ben").comments(post, "after it")
    await following.project()
    async with following.post("dia", post, cursor) as dia:
        event = await dia.event()
        assert (event["__typename"], event["comment"]["id"]) == ("CommentAdded", added)
