"""`bff audit verify` detects changes of the audit trail by an attacker who can change all rows of the database."""

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
    """Holds five audit entries of ana and five of ben, and runs the command."""

    def __init__(self, resources: Resources, shown: pytest.CaptureFixture[str], ana: int, ben: int) -> None:
        self.resources = resources
        self.ana = ana
        self.ben = ben
        self._shown = shown

    async def verify(self, handle: str | None = None) -> list[str]:
        """Returns all lines of output except the last, with `ana` for her id."""
        faults = await verify(self.resources.settings, handle)
        *lines, last = self._shown.readouterr().out.replace(f"owner {self.ana}  ", "ana  ").splitlines()
        assert last.startswith("verified ")
        assert len(lines) == faults
        return lines

    @property
    def total_is_off(self) -> str:
        return f"partition {partition_of(self.ana)}  a chain was removed, put back to an earlier end, or forged"


VERDICT = "verified 10 entries of 2 accounts: the audit trail was changed\n"


@pytest.fixture
async def chains(database_url: str, capsys: pytest.CaptureFixture[str]) -> AsyncGenerator[Trail]:
    async with open_resources(settings_for(database_url)) as resources:
        ana, ben = await find_user_id(resources.database, "ana"), await find_user_id(resources.database, "ben")
        assert ana
        assert ben
        for owner_id in (ana, ben):
            await five_entries(resources, owner_id)
        yield Trail(resources, capsys, ana, ben)


async def test_an_unchanged_trail_is_intact(chains: Trail) -> None:
    assert await chains.verify() == []
    assert await chains.verify("ana") == []


async def test_an_edit_of_any_column_is_detected(chains: Trail) -> None:
    (entry, *_) = [row for row in await trail(chains.resources, chains.ana) if row["place"] == 2]
    edits = {
        "kind": "'SIGNED_OUT'",
        "device_id": "13",
        "event_id": "17",
        "occurred_at": "'2026-01-01 00:00:00+00:00'",
        "previous_hash": f"'{'0' * 64}'",
        "hash": f"'{'0' * 64}'",
    }
    assert {*edits, "key_id", "owner_id", "place"} == set(entry)
    await tamper(chains.resources)
    where = f"WHERE owner_id = {chains.ana} AND place = 2"
    for column, value in edits.items():
        await chains.resources.database.fetch(f"UPDATE audit_entries SET {column} = {value} {where}")
        assert await chains.verify("ana") == ["ana  place 2  edited, or forged"], column
        await chains.resources.database.fetch(f"UPDATE audit_entries SET {column} = $1 {where}", entry[column])
    assert await chains.verify() == []
    await chains.resources.database.fetch(f"UPDATE audit_entries SET key_id = 'x' {where}")
    named = "ana  place 2  edited, or sealed by the key 'x', which is not in BFF_SECRET_KEYS"
    assert await chains.verify() == [named]
    assert await chains.verify("ben") == []


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
async def test_removed_and_forged_rows_are_detected(chains: Trail, change: str, named: list[str]) -> None:
    await tamper(chains.resources, change.format(chains.ana, chains.ben))
    assert sorted(await chains.verify()) == sorted(line.format(chains.ana, chains.ben) for line in named)


async def test_reordered_rows_are_detected_and_their_neighbours_are_not_reported(chains: Trail) -> None:
    moves = ((2, 100), (4, 2), (100, 4))
    await tamper(
        chains.resources,
        *[
            f"UPDATE audit_entries SET place = {to} WHERE owner_id = {chains.ana} AND place = {place}"
            for place, to in moves
        ],
    )
    assert await chains.verify() == [
        "ana  place 2  out of order: it was written as place 4",
        "ana  place 4  out of order: it was written as place 2",
    ]


async def test_a_removed_or_edited_head_is_detected(chains: Trail) -> None:
    cut = f"DELETE FROM audit_entries WHERE owner_id = {chains.ana} AND place = 5"
    await tamper(chains.resources, cut, f"UPDATE audit_heads SET place = 4 WHERE owner_id = {chains.ana}")
    (entry,) = [row for row in await trail(chains.resources, chains.ana) if row["place"] == 4]
    await chains.resources.database.fetch("UPDATE audit_heads SET hash = $1 WHERE place = 4", entry["hash"])
    assert await chains.verify("ana") == ["ana  place 4  the record of the chain's end is edited"]
    await chains.resources.database.fetch("DELETE FROM audit_heads WHERE owner_id = $1", chains.ana)
    named = "ana  place 4  cut off: the record of the chain's end is missing"
    assert await chains.verify() == [named, chains.total_is_off]


async def test_a_truncated_chain_is_detected_also_after_new_entries(chains: Trail) -> None:
    earlier = await rows(chains.resources, "audit_heads")
    await happen(chains.resources, SessionBegan(actor_id=chains.ana, device_id=14))
    await tamper(chains.resources, f"DELETE FROM audit_entries WHERE owner_id = {chains.ana} AND place = 6")
    await put_back(chains.resources, "audit_heads", earlier)
    assert await chains.verify() == [chains.total_is_off]
    await happen(chains.resources, SignInRefused(actor_id=chains.ana))
    assert [row["place"] for row in await trail(chains.resources, chains.ana)] == [1, 2, 3, 4, 5, 6]
    assert await chains.verify() == [chains.total_is_off]


async def test_a_valid_entry_at_another_place_is_detected(chains: Trail) -> None:
    heads = await rows(chains.resources, "audit_heads")
    await happen(chains.resources, SessionBegan(actor_id=chains.ana, device_id=14))
    entries = await trail(chains.resources, chains.ana)
    of_ana = f"WHERE owner_id = {chains.ana} AND place"
    await tamper(chains.resources, f"DELETE FROM audit_entries {of_ana} = 6")
    await put_back(chains.resources, "audit_heads", heads)
    await happen(chains.resources, *[SignInRefused(actor_id=chains.ana)] * 2)
    later = await trail(chains.resources, chains.ana)
    await put_back(chains.resources, "audit_entries", [*entries, later[-1]])
    assert "ana  place 7  out of order: it was not written behind the entry before it" in await chains.verify("ana")


async def test_a_removed_chain_is_detected_and_totals_cannot_be_forged(chains: Trail) -> None:
    of_ana = f"WHERE owner_id = {chains.ana}"
    await tamper(chains.resources, f"DELETE FROM audit_entries {of_ana}", f"DELETE FROM audit_heads {of_ana}")
    assert await chains.verify() == [chains.total_is_off]
    where = f"partition {partition_of(chains.ana)}"
    await chains.resources.database.fetch(
        "UPDATE audit_totals SET total = $1 WHERE partition = $2", "0" * 64, partition_of(chains.ana)
    )
    await happen(chains.resources, SignInRefused(actor_id=chains.ana))
    edited = f"{where}  what says which chains there are is edited, or its key is not known"
    assert await chains.verify() == [edited]
    await chains.resources.database.fetch("DELETE FROM audit_totals")
    assert f"{where}  what says which chains there are is missing" in await chains.verify()


async def test_the_exit_status_is_1_if_there_are_faults(chains: Trail) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        url = chains.resources.settings.database_url
        done = call_bff("audit", "verify", *arguments, BFF_DATABASE_URL=url)
        return done.returncode, done.stdout, done.stderr

    assert run() == (0, "verified 10 entries of 2 accounts: the audit trail is intact\n", "")
    assert run("--owner", "nobody") == (1, "", "bff: no user has the handle 'nobody'\n")
    await tamper(
        chains.resources, f"UPDATE audit_entries SET device_id = 13 WHERE owner_id = {chains.ana} AND place = 1"
    )
    assert run("--owner", "ben") == (0, "verified 5 entries of 1 account: the audit trail is intact\n", "")
    status, output, errors = run()
    assert (status, output) == (
        1,
        f"owner {chains.ana}  place 1  edited, or forged\n{VERDICT}",
    )
    assert errors.startswith("bff: faults in the audit trail: 1; ")
