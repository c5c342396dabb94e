"""The operations that apps send are also there as the manifests that apps ship."""

import json
from pathlib import Path

import pytest

from gate.apps import read_shipped
from gate.manifests import read_graphql_files
from gate.manifests.__main__ import manifest


@pytest.mark.parametrize(("file", "kind"), [("ios/4.2.0", "apollo"), ("android/4.2.0", "apollo"), ("web/1.0.0", "ids")])
def test_a_manifest_is_the_one_that_the_files_make(project: Path, file: str, kind: str) -> None:
    folder = project / "schema-operations"
    read = read_graphql_files({path.name: path.read_text() for path in sorted(folder.glob("*.graphql"))})
    wanted = manifest(kind, sorted(read.operations, key=lambda each: each.name))
    assert json.loads((folder / f"{file}.json").read_text()) == wanted, "run 'make generated'"


def test_the_gate_reads_every_version(project: Path) -> None:
    shipped = read_shipped(project / "schema-operations").versions
    assert [(each.app.app, each.app.version, each.manifest.format) for each in shipped] == [
        ("android", "4.2.0", "apollo"),
        ("ios", "4.2.0", "apollo"),
        ("web", "1.0.0", "id-to-text"),
    ]
