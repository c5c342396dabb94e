"""deploy/compose.yaml against the specification of compose, and against what it refers to. No engine runs it here."""

import importlib
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings.environment import read_settings, unknown_variables
from tests.support import proxies
from tests.support.charts import PROJECT, Document, require_tools
from tests.support.proxies import required
from tests.support.timing import HANG_SECONDS

FOLDER = PROJECT / "deploy"
TEXT = (FOLDER / "compose.yaml").read_text()
SERVICES: dict[str, Document] = yaml.safe_load(TEXT)["services"]
OURS = ("migration", "server", "worker")
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(:-|:\?)([^}]*)\}")


def filled(text: str) -> str:
    """Returns the text with values of the variables, as compose reads them from deploy/.env."""
    given = {"BFF_SECRET_KEYS": "k1:" + "x" * 32, "POSTGRES_PASSWORD": "secret"}
    return _VARIABLE.sub(lambda found: given[found[1]] if found[2] == ":?" else found[3], text)


def test_the_file_follows_the_specification() -> None:
    require_tools()
    library: Any = importlib.import_module("compose_spec")
    options = library.PyOptions(apply_merge=True)
    compose = options.from_yaml(filled(TEXT))
    compose.validate()
    assert sorted(compose.service_names()) == sorted(SERVICES)
    with pytest.raises(ValueError, match="restrat"):
        options.from_yaml(filled(TEXT).replace("restart: unless-stopped", "restrat: unless-stopped"))


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_with_a_permitted_value(name: str) -> None:
    environment = {name: filled(value) for name, value in SERVICES[name]["environment"].items()}
    assert unknown_variables(environment) == {}
    settings = read_settings(environment)
    assert (settings.env, settings.metrics, settings.leave_seconds) == ("production", True, 5.0)


@pytest.mark.parametrize("name", OURS)
def test_containers_have_no_rights(name: str) -> None:
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_services_that_it_names_exist_and_its_files_too() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert not source.startswith(".") or (FOLDER / source).exists(), volume
    assert (PROJECT / SERVICES["server"]["build"]["dockerfile"]).exists()
    hosts = re.findall(r"(?:redis://|@|server )([a-z]+):\d+", TEXT + (FOLDER / "nginx/compose.conf").read_text())
    assert {"postgres", "redis", "server"} == set(hosts)


def test_prometheus_scrapes_the_ports_of_servers_and_workers() -> None:
    configuration = yaml.safe_load((FOLDER / "prometheus/prometheus.yaml").read_text())
    found = {
        (name, each["port"])
        for job in configuration["scrape_configs"]
        for each in job["dns_sd_configs"]
        for name in each["names"]
    }
    worker = int(SERVICES["worker"]["environment"]["BFF_WORKER_METRICS_PORT"])
    assert found == {("server", 8000), ("worker", worker)}


def test_a_container_has_the_time_that_its_stop_takes() -> None:
    environment = SERVICES["server"]["environment"]
    assert int(SERVICES["server"]["stop_grace_period"].rstrip("s")) > float(environment["BFF_LEAVE_SECONDS"]) + 20


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    required("nginx")
    command = proxies.compose_command(tmp_path)
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=HANG_SECONDS)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr
