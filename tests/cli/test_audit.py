"""`bff audit verify` names what was changed in the trail by somebody who can change everything in the database."""

from collections.abc import AsyncGenerator

import pytest

from cli.audit import verify
from events import SessionBegan, SignInRefused
from services.event_log.log import partition_of
from services.resources import Resources, open_resources
from services.users import find_user_id
from tests.support.audit import five_entries, happen, put_back, tamper, trail
from tests.support.commands import call_bff
from tests.support.jobs import rows
from tests.support.timing import settings_for

FORGE = (
    "INSERT INTO audit_entries SELECT owner_id, 6, kind, device_id, 99, occurred_at, key_id, hash, hash "
    "FROM audit_entries WHERE owner_id = {0} AND place = 5"
)
TAKE_FROM_BEN = "UPDATE audit_entries SET owner_id = {0}, place = 6 WHERE owner_id = {1} AND place = 5"
BEHIND = ["ana  place 6  edited, or forged", "ana  place 6  not of the chain, which ends at place 5"]


class Trail:
    """Five entries of ana's, five of ben's, and what the command writes of them."""

    def __init__(self, resources: Resources, shown: pytest.CaptureFixture[str], ana: int, ben: int) -> None:
        self.resources = resources
        self.ana = ana
        self.ben = ben
        self._shown = shown

    async def verify(self, handle: str | None = None) -> list[str]:
        """All lines but the last one, with ana's id as `ana`."""
        faults = await verify(self.resources.settings, handle)
        *lines, last = self._shown.readouterr().out.replace(f"owner {self.ana}  ", "ana  ").splitlines()
        assert last.startswith("looked at ")
        assert len(lines) == faults
        return lines

    @property
    def total_is_off(self) -> str:
        return f"partition {partition_of(self.ana)}  a chain was removed, put back to an earlier end, or forged"


VERDICT = "looked at 10 entries of 2 people: the audit trail is not as it was written\n"


@pytest.fixture
async def made(database_url: str, capsys: pytest.CaptureFixture[str]) -> AsyncGenerator[Trail]:
    async with open_resources(settings_for(database_url)) as resources:
        ana, ben = await find_user_id(resources.database, "ana"), await find_user_id(resources.database, "ben")
        assert ana
        assert ben
        for owner_id in (ana, ben):
            await five_entries(resources, owner_id)
        yield Trail(resources, capsys, ana, ben)


async def test_a_trail_that_nobody_touched_is_as_it_was_written(made: Trail) -> None:
    assert await made.verify() == []
    assert await made.verify("ana") == []


async def test_an_edit_of_any_column_is_named(made: Trail) -> None:
    (entry, *_) = [row for row in await trail(made.resources, made.ana) if row["place"] == 2]
    edits = {
        "kind": "'SIGNED_OUT'",
        "device_id": "13",
        "event_id": "17",
        "occurred_at": "'2026-01-01 00:00:00+00:00'",
        "previous_hash": f"'{'0' * 64}'",
        "hash": f"'{'0' * 64}'",
    }
    assert {*edits, "key_id", "owner_id", "place"} == set(entry)
    await tamper(made.resources)
    where = f"WHERE owner_id = {made.ana} AND place = 2"
    for column, value in edits.items():
        await made.resources.database.fetch(f"UPDATE audit_entries SET {column} = {value} {where}")
        assert await made.verify("ana") == ["ana  place 2  edited, or forged"], column
        await made.resources.database.fetch(f"UPDATE audit_entries SET {column} = $1 {where}", entry[column])
    assert await made.verify() == []
    await made.resources.database.fetch(f"UPDATE audit_entries SET key_id = 'x' {where}")
    named = "ana  place 2  edited, or sealed by the key 'x', which is not in BFF_SECRET_KEYS"
    assert await made.verify() == [named]
    assert await made.verify("ben") == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("DELETE FROM audit_entries WHERE owner_id = {0} AND place = 3", ["ana  place 3  missing"]),
        (
            "DELETE FROM audit_entries WHERE owner_id = {0} AND place IN (1, 2, 3)",
            ["ana  place 1  missing: and all through place 3"],
        ),
        ("DELETE FROM audit_entries WHERE owner_id = {0} AND place = 5", ["ana  place 5  cut off"]),
        (
            "DELETE FROM audit_entries WHERE owner_id = {0}",
            ["ana  place 1  cut off: and all through place 5"],
        ),
        (TAKE_FROM_BEN, [*BEHIND, "owner {1}  place 5  cut off"]),
        (FORGE, BEHIND),
    ],
)
async def test_rows_that_are_gone_or_forged_are_named(made: Trail, change: str, named: list[str]) -> None:
    await tamper(made.resources, change.format(made.ana, made.ben))
    assert sorted(await made.verify()) == sorted(line.format(made.ana, made.ben) for line in named)


async def test_rows_that_changed_places_are_named_and_their_neighbours_are_not(made: Trail) -> None:
    moves = ((2, 100), (4, 2), (100, 4))
    await tamper(
        made.resources,
        *[
            f"UPDATE audit_entries SET place = {to} WHERE owner_id = {made.ana} AND place = {place}"
            for place, to in moves
        ],
    )
    assert await made.verify() == [
        "ana  place 2  out of order: it was written as place 4",
        "ana  place 4  out of order: it was written as place 2",
    ]


async def test_a_head_that_is_gone_or_edited_is_named(made: Trail) -> None:
    cut = f"DELETE FROM audit_entries WHERE owner_id = {made.ana} AND place = 5"
    await tamper(made.resources, cut, f"UPDATE audit_heads SET place = 4 WHERE owner_id = {made.ana}")
    (entry,) = [row for row in await trail(made.resources, made.ana) if row["place"] == 4]
    await made.resources.database.fetch("UPDATE audit_heads SET hash = $1 WHERE place = 4", entry["hash"])
    assert await made.verify("ana") == ["ana  place 4  what says where the chain ends is edited"]
    await made.resources.database.fetch("DELETE FROM audit_heads WHERE owner_id = $1", made.ana)
    named = "ana  place 4  cut off: what says where the chain ends is missing"
    assert await made.verify() == [named, made.total_is_off]


async def test_a_chain_put_back_to_an_earlier_end_is_noticed_also_when_it_goes_on(made: Trail) -> None:
    earlier = await rows(made.resources, "audit_heads")
    await happen(made.resources, SessionBegan(actor_id=made.ana, device_id=14))
    await tamper(made.resources, f"DELETE FROM audit_entries WHERE owner_id = {made.ana} AND place = 6")
    await put_back(made.resources, "audit_heads", earlier)
    assert await made.verify() == [made.total_is_off]
    await happen(made.resources, SignInRefused(actor_id=made.ana))
    assert [row["place"] for row in await trail(made.resources, made.ana)] == [1, 2, 3, 4, 5, 6]
    assert await made.verify() == [made.total_is_off]


async def test_an_entry_of_ours_that_was_not_written_there_is_named(made: Trail) -> None:
    heads = await rows(made.resources, "audit_heads")
    await happen(made.resources, SessionBegan(actor_id=made.ana, device_id=14))
    entries = await trail(made.resources, made.ana)
    of_ana = f"WHERE owner_id = {made.ana} AND place"
    await tamper(made.resources, f"DELETE FROM audit_entries {of_ana} = 6")
    await put_back(made.resources, "audit_heads", heads)
    await happen(made.resources, *[SignInRefused(actor_id=made.ana)] * 2)
    later = await trail(made.resources, made.ana)
    await put_back(made.resources, "audit_entries", [*entries, later[-1]])
    assert "ana  place 7  out of order: it was not written behind the entry before it" in await made.verify("ana")


async def test_a_chain_that_is_gone_with_its_head_is_noticed_and_totals_cannot_be_made_up(made: Trail) -> None:
    of_ana = f"WHERE owner_id = {made.ana}"
    await tamper(made.resources, f"DELETE FROM audit_entries {of_ana}", f"DELETE FROM audit_heads {of_ana}")
    assert await made.verify() == [made.total_is_off]
    where = f"partition {partition_of(made.ana)}"
    await made.resources.database.fetch(
        "UPDATE audit_totals SET total = $1 WHERE partition = $2", "0" * 64, partition_of(made.ana)
    )
    await happen(made.resources, SignInRefused(actor_id=made.ana))
    edited = f"{where}  what says which chains there are is edited, or its key is not known"
    assert await made.verify() == [edited]
    await made.resources.database.fetch("DELETE FROM audit_totals")
    assert f"{where}  what says which chains there are is missing" in await made.verify()


async def test_the_command_succeeds_when_all_is_well_and_fails_when_something_is_not(made: Trail) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        url = made.resources.settings.database_url
        found = call_bff("audit", "verify", *arguments, BFF_DATABASE_URL=url)
        return found.returncode, found.stdout, found.stderr

    assert run() == (0, "looked at 10 entries of 2 people: the audit trail is as it was written\n", "")
    assert run("--owner", "nobody") == (1, "", "bff: nobody has the handle 'nobody'\n")
    await tamper(made.resources, f"UPDATE audit_entries SET device_id = 13 WHERE owner_id = {made.ana} AND place = 1")
    assert run("--owner", "ben") == (0, "looked at 5 entries of 1 people: the audit trail is as it was written\n", "")
    status, shown, said = run()
    assert (status, shown) == (
        1,
        f"owner {made.ana}  place 1  edited, or forged\n{VERDICT}",
    )
    assert said.startswith("bff: faults in the audit trail: 1; ")
