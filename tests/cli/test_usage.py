"""`bff schema usage export` prints the usage that servers have counted, in the format of the schema check."""

import asyncio
import json
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schema_check.manifests import AppVersion
from schema_check.usage import read_usage
from services.resources import Resources, open_resources
from services.usage import OperationShape, UsageCounts, UsageLimits, store_counts
from tests.cli.test_commands import bff, serving
from tests.support.commands import call_bff
from tests.support.timing import no_hang, settings_for
from tests.support.usage import kept

VIEWER = OperationShape.of({"Query.viewer", "Viewer.id"})
NODE = OperationShape.of({"Query.node", "Node.id"})
BOTH = OperationShape.of({"Query.viewer", "Viewer.id", "Query.node", "Node.id"})

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database_url: str) -> Run:
    def run(*arguments: str) -> tuple[int, str, str]:
        done = call_bff("schema", "usage", "export", *arguments, BFF_DATABASE_URL=database_url)
        return done.returncode, done.stdout, done.stderr

    return run


async def count(
    resources: Resources, ago: int, *uses: tuple[str, str, OperationShape], bounds: UsageLimits | None = None
) -> None:
    """Stores counts as a server would have done `ago` days ago."""
    usage = UsageCounts(bounds)
    for app, version, shape in uses:
        usage.count(shape, "Name", app, version)
    await store_counts(resources.database, usage, resources.clock().date() - timedelta(ago))


async def test_the_schema_check_reads_what_is_exported(run: Run, resources: Resources) -> None:
    today = resources.clock().date()
    ios, old = ("ios", "4.2.0-77"), ("ios", "4.1.0")
    for ago in range(100, -1, -1):
        await count(resources, ago)
    await count(resources, 91, (*old, NODE))
    await count(resources, 90, (*old, VIEWER))
    await count(resources, 5, (*ios, BOTH), (*ios, BOTH))
    await count(resources, 1, (*ios, VIEWER), ("", "", NODE))
    status, output, errors = run()
    assert (status, errors) == (0, "")
    usage = read_usage(output)
    day = {ago: today - timedelta(ago) for ago in (1, 5, 90)}
    assert usage == (
        day[90],
        today,
        True,
        {
            AppVersion("ios", "4.1.0"): dict.fromkeys(["Query.viewer", "Viewer.id"], day[90]),
            AppVersion("ios", "4.2.0"): {
                "Node.id": day[5],
                "Query.node": day[5],
                "Query.viewer": day[1],
                "Viewer.id": day[1],
            },
            AppVersion("unknown", "0"): dict.fromkeys(["Node.id", "Query.node"], day[1]),
        },
    )
    assert usage.covers(90)
    counts = {(field["version"], field["coordinate"]): field["count"] for field in json.loads(output)["fields"]}
    assert (counts["4.2.0", "Query.viewer"], counts["4.2.0", "Node.id"]) == (3, 2)
    fewer = json.loads(run("--since", "3d")[1])
    assert (fewer["from"], {field["version"] for field in fewer["fields"]}) == (
        str(today - timedelta(3)),
        {"4.2.0", "0"},
    )


async def test_the_days_begin_after_a_day_without_counts(run: Run, resources: Resources) -> None:
    today = resources.clock().date()
    for ago in (9, 8, 6, 5, 4):
        await count(resources, ago, ("ios", "4.2.0", VIEWER))
    export = json.loads(run()[1])
    assert (export["from"], export["until"]) == (str(today - timedelta(6)), str(today - timedelta(4)))
    assert {field["count"] for field in export["fields"]} == {3}


async def test_an_incomplete_export_has_a_warning(run: Run, resources: Resources) -> None:
    uses = ("ios", "1", VIEWER), ("ios", "2", NODE)
    await count(resources, 1, *uses, bounds=UsageLimits(uses=1))
    await count(resources, 0)
    status, output, errors = run()
    assert (status, json.loads(output)["complete"]) == (0, False)
    assert errors == "bff: some requests were not counted, so a field that is not listed may be in use\n"
    assert json.loads(run("--since", "0d")[1])["complete"] is True


def test_an_export_without_counts_fails(run: Run) -> None:
    assert run() == (2, "", "bff: no usage was counted yet: BFF_USAGE must be on for 'bff serve'\n")
    assert run("--since", "soon") == (2, "", "bff: --since soon is not a number of days such as 90d.\n")


async def test_the_schema_check_accepts_the_file(run: Run, resources: Resources, tmp_path: Path) -> None:
    for ago in range(90, -1, -1):
        await count(resources, ago, ("web", "1.0.0", VIEWER))
    (tmp_path / "usage.json").write_text(run()[1])
    (tmp_path / "before.graphql").write_text(
        "type Query { viewer: Viewer node: Viewer } type Viewer { id: ID name: ID }"
    )
    (tmp_path / "after.graphql").write_text("type Query { viewer: Viewer } type Viewer { name: ID }")
    schemas = ("--base", "before.graphql", "--head", "after.graphql")
    checked = bff("schema", "check", *schemas, "--usage", "usage.json", "--format", "json", folder=tmp_path)
    changes: dict[str, Any] = {
        change["coordinate"]: change["operations"] for change in json.loads(checked.stdout)["changes"]
    }
    assert checked.returncode == 1
    assert [(use["app"], use["version"]) for use in changes["Viewer.id"]] == [("web", "1.0.0")]
    assert changes["Query.node"] == []


async def test_a_killed_server_loses_only_the_counts_that_it_has_not_stored(database_url: str, tmp_path: Path) -> None:
    environment = {"BFF_DATABASE_URL": database_url, "BFF_USAGE_SECONDS": "1"}
    async with open_resources(settings_for(database_url)) as resources:
        async with serving("serve", folder=tmp_path, stop=signal.SIGKILL, environment=environment) as http:
            for _ in range(4):
                await http.post("/graphql", json={"query": "{ viewer { id } }"})
            async with no_hang():
                while [row.uses for row in await kept(resources)] != [4]:  # noqa: ASYNC110 - a table is watched
                    await asyncio.sleep(0.05)
            await http.post("/graphql", json={"query": "{ viewer { id } }"})
        assert [row.uses for row in await kept(resources)] in ([4], [5])
