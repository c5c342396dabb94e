"""`make generated` writes complete files or none, and never changes the manifest of a released version."""

import shutil
import subprocess
from pathlib import Path

import pytest

BROKEN = """#!/bin/sh
echo half of it
exit 1
"""


@pytest.fixture
def folder(project: Path, tmp_path: Path) -> Path:
    """Provides a folder with the Makefile and with programs that fail after they have written something."""
    shutil.copy(project / "Makefile", tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "bin").mkdir()
    for name in ("bff", "python"):
        (tmp_path / "bin" / name).write_text(BROKEN)
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    if not program:
        pytest.skip("make is not installed")
    given = [program, "BIN=bin", "--old-file=.venv/dev", "--old-file=.venv/run", *arguments, "generated"]
    return subprocess.run(given, cwd=folder, capture_output=True, text=True, check=False)


def test_a_command_that_fails_leaves_the_file_as_it_was(folder: Path) -> None:
    (folder / "schema.graphql").write_text("type Query { kept: Int }\n")
    assert make(folder).returncode != 0
    assert (folder / "schema.graphql").read_text() == "type Query { kept: Int }\n"
    assert sorted(path.name for path in folder.iterdir()) == ["Makefile", "bin", "docs", "schema.graphql"]


def test_the_second_file_is_kept_too(folder: Path) -> None:
    (folder / "bin/bff").write_text("#!/bin/sh\necho new\n")
    (folder / "docs/settings.md").write_text("kept\n")
    assert make(folder).returncode != 0
    assert (folder / "schema.graphql").read_text() == "new\n"
    assert (folder / "docs/settings.md").read_text() == "kept\n"
    assert [path.name for path in (folder / "docs").iterdir()] == ["settings.md"]
