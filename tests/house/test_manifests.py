"""Tests that the manifests of apps contain the operations of the documents."""

import json
import re
from pathlib import Path

import pytest

from schema_check.apps import read_shipped
from schema_check.manifests import read_graphql_files
from schema_check.manifests.__main__ import manifest

FORMATS = {"android": "apollo", "ios": "apollo", "web": "ids"}


def newest(project: Path) -> dict[str, str]:
    """Returns the version of each app for which the Makefile writes a manifest."""
    found = re.findall(r"^(IOS|ANDROID|WEB) := ([\d.]+)$", (project / "Makefile").read_text(), re.MULTILINE)
    return {app.lower(): version for app, version in found}


@pytest.mark.parametrize("app", FORMATS)
def test_the_newest_manifest_of_an_app_is_the_one_that_the_files_make(project: Path, app: str) -> None:
    folder = project / "schema-operations"
    read = read_graphql_files({path.name: path.read_text() for path in sorted(folder.glob("*.graphql"))})
    wanted = manifest(FORMATS[app], sorted(read.operations, key=lambda each: each.name))
    file = folder / app / f"{newest(project)[app]}.json"
    assert json.loads(file.read_text()) == wanted, (
        f"apps go on sending what {file} contains: raise {app.upper()} in the Makefile, and run 'make generated'"
    )


def test_the_schema_check_reads_every_version_without_a_warning(project: Path) -> None:
    read = read_shipped(project / "schema-operations")
    assert read.warnings == []
    shipped = read.versions
    last = {each.app.app: (each.app.version, each.manifest.format) for each in shipped}
    formats = {"apollo": "apollo", "ids": "id-to-text"}
    assert last == {app: (version, formats[FORMATS[app]]) for app, version in newest(project).items()}
    assert sum(len(list((project / "schema-operations" / app).iterdir())) for app in FORMATS) == len(shipped)
