"""Preferences are changed by kind, and what is invalid changes nothing."""

from typing import Any

import pytest

from events import NotificationPreferencesUpdated
from tests.notifications.support.inbox import Inbox
from tests.support.client import Client, operation
from tests.support.kept import events_of, snapshot

NAME = "UpdateNotificationPreferences"
HOURS = {"start": "22:00", "end": "06:30", "timeZone": "Asia/Tokyo"}


def channel(kind: str, *, in_app: bool = True, push: bool = True, email: bool = False) -> dict[str, Any]:
    return {"kind": kind, "inApp": in_app, "push": push, "email": email}


async def updated(client: Client, handle: str = "ben", **given: Any) -> dict[str, Any]:
    answer = await Inbox(client, handle).act(NAME, given)
    assert answer["__typename"] == f"{NAME}Success", answer
    return answer["preferences"]


async def test_given_channels_replace_those_of_their_kinds(client: Client) -> None:
    before, ben = await Inbox(client, "ben").preferences(), await client.user_id("ben")
    chosen = [channel("LIKE", in_app=False), channel("COMMENT", push=False, email=True)]
    preferences = await updated(client, channels=chosen)
    others = [each for each in before["channels"] if each["kind"] not in ("LIKE", "COMMENT")]
    assert [each for each in preferences["channels"] if each not in chosen] == others
    assert [each for each in preferences["channels"] if each in chosen] == chosen
    assert preferences == await Inbox(client, "ben").preferences()
    assert await events_of(client.resources) == [NotificationPreferencesUpdated(actor_id=ben)]


async def test_quiet_hours_are_unchanged_replaced_or_removed(client: Client) -> None:
    assert (await updated(client, quietHours=HOURS))["quietHours"] == HOURS
    assert (await updated(client, channels=[channel("LIKE")]))["quietHours"] == HOURS
    other = {"start": "00:00", "end": "23:59", "timeZone": "Europe/Lisbon"}
    assert (await updated(client, quietHours=other))["quietHours"] == other
    assert (await updated(client, quietHours=None))["quietHours"] is None


async def test_the_name_of_a_time_zone_is_stored_as_iana_writes_it(client: Client) -> None:
    hours = HOURS | {"timeZone": " europe/lisbon "}
    assert (await updated(client, quietHours=hours))["quietHours"]["timeZone"] == "Europe/Lisbon"


async def test_nothing_given_changes_nothing(client: Client) -> None:
    before = await snapshot(client.resources)
    expected = await Inbox(client, "ana").preferences()
    for given in list[dict[str, Any]](({}, {"channels": []}, {"channels": None})):
        assert await updated(client, "ana", **given) == expected
    assert await snapshot(client.resources) == before


async def test_repeating_is_the_same_as_once(client: Client) -> None:
    given: dict[str, Any] = {"channels": [channel("LIKE"), channel("SECURITY")], "quietHours": HOURS}
    preferences = await updated(client, **given)
    before = await snapshot(client.resources)
    assert await updated(client, **given) == preferences
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"channels": [channel("LIKE"), channel("FOLLOW"), channel("LIKE", push=False)]}, "input.channels"),
        ({"channels": [channel("SECURITY", in_app=False)]}, "input.channels"),
        ({"channels": [channel("LIKE"), channel("SECURITY", push=False)]}, "input.channels"),
        ({"channels": [channel("PAYMENT_FAILED", push=False)]}, "input.channels"),
        ({"channels": [channel("PAYMENT_FAILED", in_app=False)]}, "input.channels"),
        ({"quietHours": HOURS | {"start": "24:00"}}, "input.quietHours.start"),
        ({"quietHours": HOURS | {"start": "7:00"}}, "input.quietHours.start"),
        ({"quietHours": HOURS | {"start": "12:60"}}, "input.quietHours.start"),
        ({"quietHours": HOURS | {"start": "12:00\n"}}, "input.quietHours.start"),
        ({"quietHours": HOURS | {"start": "\u0661\u0662:00"}}, "input.quietHours.start"),
        ({"quietHours": HOURS | {"end": ""}}, "input.quietHours.end"),
        ({"quietHours": HOURS | {"end": "22:00"}}, "input.quietHours.end"),
        ({"quietHours": HOURS | {"timeZone": "Europe/Nowhere"}}, "input.quietHours.timeZone"),
        ({"quietHours": HOURS | {"timeZone": "../../etc/passwd"}}, "input.quietHours.timeZone"),
        ({"quietHours": HOURS | {"timeZone": ""}}, "input.quietHours.timeZone"),
        ({"channels": [channel("LIKE", push=False)], "quietHours": HOURS | {"end": "x"}}, "input.quietHours.end"),
    ],
)
async def test_an_invalid_preference_is_a_problem_and_changes_nothing(
    client: Client, given: dict[str, Any], field: str
) -> None:
    before, events = await snapshot(client.resources), await events_of(client.resources)
    answer = await Inbox(client, "ben").act(NAME, given)
    assert answer.pop("message")
    assert answer == {"__typename": "InvalidInputProblem", "code": "INVALID_INPUT", "field": field}
    assert await snapshot(client.resources) == before
    assert await events_of(client.resources) == events


async def test_security_and_failed_payments_may_leave_out_emails(client: Client) -> None:
    chosen = [channel(kind) for kind in ("PAYMENT_FAILED", "SECURITY")]
    preferences = await updated(client, channels=chosen)
    assert [each for each in preferences["channels"] if each in chosen] == chosen


async def test_only_a_signed_in_user_has_preferences(client: Client) -> None:
    answer = await client.ask(operation("notifications.graphql", NAME), {"input": {"quietHours": None}})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_user_without_an_account_changes_nothing(client: Client) -> None:
    ana, token = await client.user_id("ana"), await client.token("ana")
    await client.resources.database.fetch("DELETE FROM users WHERE id = $1", ana)
    before = await snapshot(client.resources)
    sent = {"input": {"channels": [channel("LIKE", push=False)]}}
    answer = (await client.post(operation("notifications.graphql", NAME), sent, token=token)).json()
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await snapshot(client.resources) == before
