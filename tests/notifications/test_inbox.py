from typing import Any

from tests.support.client import Client, operation

INBOX = operation("notifications.graphql", "Inbox")


async def inbox(client: Client, handle: str = "ana", **variables: Any) -> Any:
    return (await client.data(INBOX, {"first": 100, **variables}, as_=handle))["viewer"]


async def test_a_filter_chooses_by_kind_and_by_what_is_unread(client: Client) -> None:
    everything = (await inbox(client))["notifications"]["edges"]
    for chosen in ({"kinds": ["COMMENT"]}, {"unreadOnly": True}, {"kinds": ["LIKE", "FOLLOW"], "unreadOnly": True}):
        edges = (await inbox(client, filter=chosen))["notifications"]["edges"]
        expected = [
            edge["node"]["id"]
            for edge in everything
            if ("kinds" not in chosen or edge["node"]["kind"] in chosen["kinds"])
            and (not chosen.get("unreadOnly") or edge["node"]["readAt"] is None)
        ]
        assert [edge["node"]["id"] for edge in edges] == expected
    assert (await inbox(client, filter={"kinds": []}))["notifications"]["edges"] == everything


async def test_a_cursor_belongs_to_its_filter(client: Client) -> None:
    cursor = (await inbox(client, first=1))["notifications"]["pageInfo"]["endCursor"]
    answer = await client.ask(INBOX, {"after": cursor, "filter": {"unreadOnly": True}}, as_="ana")
    assert answer["errors"][0]["extensions"]["argument"] == "after"


async def test_subjects_are_what_the_notification_is_about(client: Client) -> None:
    edges = (await inbox(client))["notifications"]["edges"]
    types = {edge["node"]["kind"]: edge["node"]["subject"]["__typename"] for edge in edges if edge["node"]["subject"]}
    assert types == {
        kind: typename
        for kind, typename in {
            "FOLLOW": "User",
            "LIKE": "Post",
            "COMMENT": "Comment",
            "PAYMENT_RECEIVED": "Payment",
        }.items()
        if kind in types
    }
    assert {"FOLLOW", "COMMENT", "LIKE"} <= set(types)


async def test_a_subject_that_is_gone_is_null(client: Client) -> None:
    await client.resources.database.fetch("UPDATE comments SET deleted_at = created_at")
    edges = (await inbox(client, filter={"kinds": ["COMMENT"]}))["notifications"]["edges"]
    assert edges
    assert {edge["node"]["subject"] is None for edge in edges} == {True}


async def test_preferences_are_chosen_ones_over_defaults_for_every_kind(client: Client) -> None:
    chosen = (await inbox(client, "ana"))["notificationPreferences"]
    default = (await inbox(client, "ben"))["notificationPreferences"]
    assert chosen["quietHours"] == {"start": "22:00", "end": "07:00", "timeZone": "Europe/Lisbon"}
    assert default["quietHours"] is None
    by_kind = {channel["kind"]: channel for channel in default["channels"]}
    assert set(by_kind) == {"FOLLOW", "LIKE", "COMMENT", "PAYMENT_RECEIVED", "PAYMENT_FAILED", "REFUND", "SECURITY"}
    assert by_kind["SECURITY"] == {"kind": "SECURITY", "inApp": True, "push": True, "email": True}
    assert by_kind["LIKE"]["push"] is False
    assert {"kind": "LIKE", "inApp": True, "push": False, "email": False} in chosen["channels"]
