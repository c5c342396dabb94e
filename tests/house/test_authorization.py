"""The authorization matrix: each kind of caller reads each field of each type with an owner."""

from collections.abc import Mapping

import pytest

from core.settings import Settings
from gateway.documents.guard import DocumentLimits
from gateway.documents.reader import Documents
from resolvers.schema import build_schema, owned_fields
from services.authorization.audiences import AUDIENCES, Audience, without_audience
from services.authorization.policy import HIDDEN_FROM_BLOCKER
from tests.support.callers import CALLERS, HANDLES, read_field, things_of_ana, whole_field
from tests.support.client import Client

SCHEMA = Documents(build_schema(), DocumentLimits.of(Settings())).schema
FIELDS = sorted(owned_fields(SCHEMA))

READERS: Mapping[Audience, set[str]] = {
    Audience.ANYONE: {"anonymous", "stranger", "blocker", "owner"},
    Audience.NOT_BLOCKING_OWNER: {"anonymous", "stranger", "owner"},
    Audience.NO_BLOCK_BETWEEN: {"anonymous", "stranger", "owner"},
    Audience.OWNER: {"owner"},
}


async def test_every_field_is_read_by_its_audience_and_by_nobody_else(client: Client) -> None:
    things = await things_of_ana(client)
    for column in HIDDEN_FROM_BLOCKER.keys() - {"counts"}:
        await client.resources.database.fetch(f"UPDATE users SET {column} = 'Hello'")
    wrong: list[str] = []
    for typename, field in FIELDS:
        if typename == "Viewer":
            continue
        audience = AUDIENCES[typename, field]
        selection, thing = whole_field(SCHEMA, typename, field), things.ids[typename]
        owners = await read_field(client, "owner", thing, typename, selection)
        assert owners is not None, f"{typename}.{field}: the owner reads nothing"
        if audience is Audience.NOT_BLOCKING_OWNER:
            where = "HIDDEN_FROM_BLOCKER in services/authorization/policy.py"
            assert owners[field], f"{typename}.{field}: {where} does not name it"
        for caller in CALLERS:
            found = await read_field(client, caller, thing, typename, selection)
            if audience is Audience.NOT_BLOCKING_OWNER and caller == "blocker":
                as_it_should = found is not None and not found[field]
            elif caller in READERS[audience]:
                as_it_should = found is not None
            else:
                as_it_should = found is None
            wrong += [] if as_it_should else [f"{caller} reads {typename}.{field}: {found}"]
    assert wrong == []


async def test_what_is_the_viewers_is_nobodys_without_one(client: Client) -> None:
    emails = {}
    for typename, field in FIELDS:
        if typename == "Viewer":
            query = f"{{ viewer {{ {whole_field(SCHEMA, typename, field)} }} }}"
            assert await client.ask(query) == {"data": {"viewer": None}}, field
    for caller in CALLERS[1:]:
        data = await client.data("{ viewer { email user { handle } } }", as_=HANDLES[caller])
        emails[data["viewer"]["user"]["handle"]] = data["viewer"]["email"]
    assert emails == {handle: f"{handle}@example.com" for handle in ("ana", "ben", "chi", "dia")}


def test_the_table_has_a_row_for_every_field_and_none_for_others() -> None:
    assert set(FIELDS) == set(AUDIENCES)
    assert without_audience([("User", "id"), ("User", "salary")]) == ["User.salary"]


def test_a_field_without_a_row_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(AUDIENCES, ("User", "bio"))
    with pytest.raises(LookupError, match=r"declare an audience for User\.bio"):
        build_schema()
