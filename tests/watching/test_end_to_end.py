"""A real Prometheus scrapes a real server, and alerts fire while its database is cut off."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.chaos.proxy import Proxy
from tests.cli.test_commands import serving
from tests.support.engines import Engine
from tests.support.programs import free_port
from tests.support.prometheus import INSTALLED, RULES, prometheus

pytestmark = pytest.mark.skipif(not INSTALLED, reason="Prometheus is not installed")

ALERT = "BffDatabaseDown"


def configuration(folder: Path, target: str) -> Path:
    """Writes the rules with short times, and a configuration that scrapes a server; returns its file."""
    copies: list[str] = []
    for file in RULES:
        rules: dict[str, Any] = yaml.safe_load(file.read_text())
        for group in rules["groups"]:
            for rule in group["rules"]:
                if rule.get("alert") == ALERT:
                    rule["for"] = "2s"
        copies.append(str(folder / file.name))
        (folder / file.name).write_text(yaml.safe_dump(rules))
    file = folder / "prometheus.yaml"
    scrape = {"job_name": "bff", "static_configs": [{"targets": [target]}]}
    times = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    file.write_text(yaml.safe_dump({"global": times, "rule_files": copies, "scrape_configs": [scrape]}))
    return file


async def test_an_alert_fires_while_the_database_is_cut_off_and_ends_after_it(
    database_url: str, engine: Engine, tmp_path: Path
) -> None:
    if engine.name != "postgres":
        pytest.skip("SQLite has no connection that can be cut")
    url = urlsplit(database_url)
    async with Proxy(url.hostname or "", url.port or 0).running() as proxy:
        through = url._replace(netloc=f"{url.username}@127.0.0.1:{proxy.port}").geturl()
        environment = {"BFF_DATABASE_URL": through, "BFF_BUS_URL": "memory://", "BFF_METRICS": "true"}
        async with serving("serve", folder=tmp_path, environment=environment) as http:
            target = f"{http.base_url.host}:{http.base_url.port}"
            async with prometheus(tmp_path, configuration(tmp_path, target), free_port()) as watching:
                await watching.until_alert("BffHeartbeat", "firing")
                assert ALERT not in await watching.alerts()
                proxy.refuses = True
                proxy.cut()
                alerts = await watching.until_alert(ALERT, "firing")
                assert "BffTargetDown" not in alerts, "the server answers scrapes"
                proxy.refuses = False
                await watching.until_alert(ALERT, None)
                (sample,) = (await watching.read("query", query="bff_database_up"))["result"]
                assert sample["metric"] == {"__name__": "bff_database_up", "instance": target, "job": "bff"}
                assert sample["value"][1] == "1"
