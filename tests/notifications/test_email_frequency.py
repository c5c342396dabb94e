"""The frequency of e-mails is a preference."""

from typing import Any

import pytest

from events import NotificationPreferencesUpdated
from tests.support.client import Client
from tests.support.kept import events_of, snapshot

FREQUENCY = "{ viewer { notificationPreferences { emailFrequency } } }"
UPDATE = """mutation ($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) {
  __typename ... on UpdateNotificationPreferencesSuccess { preferences { emailFrequency } } } }"""


async def read(client: Client, handle: str = "ben") -> str:
    return (await client.data(FREQUENCY, as_=handle))["viewer"]["notificationPreferences"]["emailFrequency"]


async def update(client: Client, **given: Any) -> str:
    answer = (await client.data(UPDATE, {"input": given}, as_="ben"))["updateNotificationPreferences"]
    assert answer["__typename"] == "UpdateNotificationPreferencesSuccess"
    return answer["preferences"]["emailFrequency"]


async def test_a_user_who_has_not_chosen_has_immediate_mails(client: Client) -> None:
    assert await read(client) == "IMMEDIATE"
    assert await update(client) == "IMMEDIATE"


async def test_the_frequency_is_stored_and_stays_if_it_is_omitted_or_null(client: Client) -> None:
    ben = await client.user_id("ben")
    for frequency in ("DAILY", "WEEKLY", "IMMEDIATE", "DAILY"):
        assert await update(client, emailFrequency=frequency) == frequency
        assert await read(client) == frequency
    assert await read(client, "ana") == "IMMEDIATE"
    assert await events_of(client.resources) == [NotificationPreferencesUpdated(actor_id=ben)] * 4
    before = await snapshot(client.resources)
    for given in list[dict[str, Any]](({}, {"emailFrequency": None}, {"emailFrequency": "DAILY"})):
        assert await update(client, **given) == "DAILY"
    assert await snapshot(client.resources) == before


@pytest.mark.parametrize("wrong", ["HOURLY", "daily", 1])
async def test_an_unknown_frequency_is_rejected_and_changes_nothing(client: Client, wrong: object) -> None:
    before = await snapshot(client.resources)
    answer = await client.ask(UPDATE, {"input": {"emailFrequency": wrong}}, as_="ben")
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await snapshot(client.resources) == before


async def test_the_frequency_takes_one_statement_more(client: Client, statements: list[str]) -> None:
    token, taken = await client.token("ben"), list[int]()
    for _ in range(3):
        statements.clear()
        await client.post(UPDATE, {"input": {"emailFrequency": "DAILY"}}, token=token)
        taken.append(len(statements))
    assert taken == [4, 3, 3], "the account, the frequency, the log; then the preferences. Repeated, nothing is logged."
