"""Settings of traces, a missing extra, and ids of traces in the log."""

import sys
import tomllib
from pathlib import Path

import orjson
import pytest

from adapters.traces.engines import PACKAGES
from cli.main import main
from core.errors import SettingsError
from core.settings import Settings
from core.settings.environment import read_settings
from tests.support.client import Client
from tests.support.logs import logged
from tests.traces.support.collector import Collector
from tests.traces.support.traced import flush, traced


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BFF_OTEL", "collector:4318"),
        ("BFF_OTEL", "grpc://collector:4317"),
        ("BFF_OTEL", "http://"),
        ("BFF_OTEL", "http://user:secret@collector:4318"),
        ("BFF_OTEL", "http://collector:4318?key=secret"),
        ("BFF_OTEL", "http://collector:4318#secret"),
        ("BFF_OTEL", "http://collector:99999"),
        ("BFF_OTEL", "http://col lector"),
        ("BFF_OTEL_SAMPLE", "1.5"),
        ("BFF_OTEL_SAMPLE", "-0.1"),
        ("BFF_OTEL_SAMPLE", "much"),
        ("BFF_OTEL_SERVICE", "two words"),
    ],
)
def test_nonsense_is_refused_in_one_line_without_the_value(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{variable}: [^\n]+$") as refused:
        read_settings({variable: value})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("https://otel.example/otlp/", "https://otel.example/otlp/v1/traces"),
    ],
)
def test_traces_are_posted_to_the_path_of_the_protocol(address: str, url: str) -> None:
    assert read_settings({"BFF_OTEL": address}).traces_url == url


def test_a_missing_extra_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "adapters.traces.otlp", raising=False)
    monkeypatch.delitem(sys.modules, "adapters.traces.encoding", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    environment = {"BFF_OTEL": "http://collector:4318", "BFF_DATABASE_URL": f"sqlite://{tmp_path}/bff.sqlite3"}
    assert main(["doctor"], environment) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("bff: BFF_OTEL: ")
    assert line.endswith(
        "install the extra otel: pip install 'opentelemetry-proto>=1.45,<2' 'opentelemetry-sdk>=1.45,<2'"
    )


def test_the_extra_has_the_packages_that_the_error_names(project: Path) -> None:
    described = tomllib.loads((project / "pyproject.toml").read_text())
    assert described["project"]["optional-dependencies"]["otel"] == [*PACKAGES]
    assert described["dependency-groups"]["otel"] == [*PACKAGES]
    assert {*PACKAGES} <= {*described["dependency-groups"]["dev"]}


async def test_lines_of_a_traced_request_have_its_ids(client: Client, collector: Collector) -> None:
    with logged("INFO") as log:
        await client.data("{ __typename }")
    await flush(client.resources)
    span = collector.named("POST /graphql")
    (line,) = [each for each in map(orjson.loads, log.getvalue().splitlines()) if each["message"] == "request"]
    assert (line["trace_id"], line["span_id"]) == (span.trace_id, span.span_id)


async def test_lines_of_other_requests_have_none(settings: Settings, collector: Collector) -> None:
    with logged("INFO") as log:
        async with traced(settings, collector, otel_sample=0.0) as client:
            await client.data("{ __typename }")
    assert "trace_id" not in log.getvalue()
