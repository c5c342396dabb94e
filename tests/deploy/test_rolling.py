"""Servers are restarted and killed behind HAProxy, under a load that any machine carries. `make rolling` has 70%."""

from pathlib import Path

from services.maintenance.migrations import migrate
from services.resources import open_resources
from tests.deploy.support.rolling import killed, restarted, staged
from tests.support.proxies import required
from tests.support.timing import settings_for

RATE = 5.0
"""Requests per second."""


async def test_no_request_fails_while_all_servers_are_restarted_and_few_when_one_is_killed(tmp_path: Path) -> None:
    required("haproxy")
    url = f"sqlite://{tmp_path}/bff.sqlite3"
    async with open_resources(settings_for(url)) as resources:
        await migrate(resources.database, lambda _name: None)
    async with staged(url, tmp_path) as stage:
        restart = await restarted(stage, RATE, least=1)
        assert restart.results == {"ok": restart.sent}
        kill = await killed(stage, RATE, least=10)
        assert kill.failed <= kill.in_flight
