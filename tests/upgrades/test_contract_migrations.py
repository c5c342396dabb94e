"""Tests that migrations which contract are applied only when an operator says so, and on a new database."""

import importlib
import shutil
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

import migrations
import services.maintenance.migrations
from services.maintenance.migrations import is_contract, migrate, pending_contracts, pending_migrations
from services.resources import Resources, open_resources
from tests.support.commands import call_bff
from tests.support.engines import Engine
from tests.support.timing import settings_for

EXPAND, CONTRACT, LATER = "m9997_nickname", "m9998_contract_notes", "m9999_mood"
SQL = {
    EXPAND: "ALTER TABLE users ADD COLUMN nickname TEXT",
    CONTRACT: "DROP TABLE email_preferences",
    LATER: "ALTER TABLE users ADD COLUMN mood TEXT",
}
TEXT = """
from tortoise.migrations import Migration as TortoiseMigration
from tortoise.migrations.operations import RunSQL


class Migration(TortoiseMigration):
    dependencies = [("bff", "{before}")]
    operations = [RunSQL(["{sql}"])]
"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Adds migrations: one expands, one contracts, and a later one expands and does not depend on the second."""
    folder = tmp_path / "contracts_of_a_test"
    shutil.copytree(migrations.__path__[0], folder)
    last = max(services.maintenance.migrations._known())
    for name, before in ((EXPAND, last), (CONTRACT, EXPAND), (LATER, EXPAND)):
        (folder / f"{name}.py").write_text(TEXT.format(before=before, sql=SQL[name]))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(services.maintenance.migrations, "migrations", importlib.import_module(folder.name))
    monkeypatch.setattr(services.maintenance.migrations, "_APPS", {"bff": {"models": [], "migrations": folder.name}})
    services.maintenance.migrations._known.cache_clear()
    yield
    services.maintenance.migrations._known.cache_clear()
    for module in [module for module in sys.modules if module.startswith(folder.name)]:
        del sys.modules[module]


@pytest.mark.usefixtures("added")
async def test_contracts_wait_until_an_operator_applies_them(resources: Resources) -> None:
    database, url = resources.database, resources.settings.database_url
    assert await pending_migrations(database) == [EXPAND, LATER]
    done = call_bff("migrate", BFF_DATABASE_URL=url)
    later = f"for 'bff migrate --contract', after the upgrade: {CONTRACT}\n"
    assert (done.returncode, done.stdout) == (0, f"applied: {EXPAND}, {LATER}\n{later}")
    assert (await pending_migrations(database), await pending_contracts(database)) == ([], [CONTRACT])
    assert await database.fetch("SELECT owner_id FROM email_preferences") == []
    assert call_bff("migrate", BFF_DATABASE_URL=url).stdout == f"nothing to apply\n{later}"
    assert call_bff("migrate", "--contract", BFF_DATABASE_URL=url).stdout == f"applied: {CONTRACT}\n"
    assert await pending_contracts(database) == []


@pytest.mark.usefixtures("added")
async def test_a_new_database_gets_all_migrations_at_once(engine: Engine) -> None:
    async with engine.empty() as url, open_resources(settings_for(url)) as resources:
        names: list[str] = []
        await migrate(resources.database, names.append)
        assert {EXPAND, CONTRACT, LATER} <= set(names)
        assert await pending_contracts(resources.database) == []


def test_the_name_of_a_migration_declares_its_phase() -> None:
    assert [is_contract(name) for name in (EXPAND, CONTRACT, "m0040_no_contract")] == [False, True, False]
