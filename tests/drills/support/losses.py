"""Compares what clients were told with what is stored."""

from core.settings import Settings
from services.resources import open_resources
from tests.campaign.support.verify import effects
from tests.campaign.support.world import World
from tests.drills.support.load import Load
from tests.payments.support.checker import charged_otherwise, doubled, lost, read_stored, unbalanced
from tests.payments.support.sandbox import Sandbox
from tests.payments.support.settling import settled
from tests.payments.support.snapshots import snapshots_of


async def faults(url: str, load: Load, sandbox: Sandbox) -> list[str]:
    """Waits until nothing is open, and returns what differs from what clients were told. No client may run."""
    settings, snapshots = Settings(database_url=url, bus_url="memory://"), snapshots_of(url)
    found = await settled(settings, snapshots, sandbox)
    async with snapshots() as snapshot:
        stored = await read_stored(snapshot)
    customers = set(load.customer_ids)
    stored = stored._replace(keys=[row for row in stored.keys if row["owner_id"] in customers])
    answers = load.book.answers
    found += [*lost(answers, stored), *doubled(answers, stored), *unbalanced(stored)]
    found += charged_otherwise(stored, await sandbox.moved())
    async with open_resources(settings) as resources:
        found += await effects(resources.database, World(load.people_ids, 0, {}), load.told)
    return found
