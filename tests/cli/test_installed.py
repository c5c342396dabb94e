"""The wheel in a virtual environment of its own: everything works without the repository."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path

import pytest

from adapters.queue.engines import DOCKET
from tests.cli.test_commands import request_home, serving
from tests.support.homes import home_of_ana, without_sign_in
from tests.support.timing import HANG_SECONDS

SOURCES = ("web/graphiql/dist", "schema-operations", "docs/errors", "locales")


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment}
    return subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
    )


def build(project: Path, folder: Path) -> Path:
    """Builds a wheel from a copy of the sources, without the network. Returns its path."""
    described = tomllib.loads((project / "pyproject.toml").read_text())
    packages = described["tool"]["setuptools"]["packages"]["find"]["include"]
    for name in (*(package.rstrip("*") for package in packages), *SOURCES):
        shutil.copytree(project / name, folder / "source" / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(project / name, folder / "source" / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-build-isolation", "--no-deps"]
    built = run(*pip, "--wheel-dir", str(folder), str(folder / "source"), folder=folder)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the `bff` of an environment with the wheel, which uses the dependencies of the tests' environment."""
    folder, project = tmp_path_factory.mktemp("installed"), Path(__file__).parent.parent.parent
    wheel, environment = build(project, folder), folder / "environment"
    venv.create(environment, symlinks=True)
    python = environment / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    done = run(*pip, str(wheel), folder=folder)
    assert done.returncode == 0, done.stderr
    (own,) = environment.glob("lib/python*/site-packages")
    (own / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")  # paths below it: no editable installs
    where = run(python, "-c", "import core, gateway; print(core.__file__, gateway.__file__)", folder=folder).stdout
    assert all(path.startswith(str(own)) for path in where.split()), where
    return environment / "bin/bff"


async def test_the_installed_server_has_its_pages_and_its_demo(installed: Path, tmp_path: Path, project: Path) -> None:
    expected = home_of_ana(project)
    async with serving("dev", folder=tmp_path, program=installed) as http:
        page = await http.get("/graphql", headers={"Accept": "text/html"})
        assert page.status_code == 200
        config = json.loads(re.findall(r'id="config">(.*?)</script>', page.text, re.DOTALL)[0])
        assert "Home" in json.dumps(config["operations"])
        names = {re.sub(r"\.(br|gz)$", "", file.name) for file in (project / "web/graphiql/dist/assets").iterdir()}
        assert len(names) > 3
        for path in [*(f"/graphiql/assets/{name}" for name in sorted(names)), "/graphiql/licences.txt"]:
            assert (await http.get(path)).status_code == 200, path
        assert without_sign_in(await request_home(http)) == expected


def test_the_installed_command_finds_the_files_that_it_reads(installed: Path, tmp_path: Path, project: Path) -> None:
    described = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert run(installed, "--version", folder=tmp_path).stdout == f"bff {described['version']}\n"
    explained = run(installed, "explain", "Home", folder=tmp_path)
    assert (explained.returncode, explained.stderr) == (0, "")
    assert explained.stdout.startswith("query Home(")
    exported = run(installed, "schema", "export", folder=tmp_path)
    assert exported.stdout == (project / "schema.graphql").read_text()
    (tmp_path / "base.graphql").write_text(exported.stdout)
    checked = run(installed, "schema", "check", "--base", "base.graphql", folder=tmp_path)
    assert (checked.returncode, checked.stderr) == (0, "")
    (core,) = installed.parent.parent.glob("lib/python*/site-packages/core")
    for name in SOURCES:
        paths = [
            {file.relative_to(root) for file in root.rglob("*")} for root in (project / name, core / "files" / name)
        ]
        assert paths[0] == paths[1] != set()


def test_the_error_of_a_missing_queue_has_a_command_that_works(project: Path) -> None:
    described = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert described["name"] == "graphql-mobile-bff", "on the package index, bff belongs to another project"
    assert described["optional-dependencies"]["queue"] == [DOCKET]
