"""Rules of the repository that no linter checks."""

import ast
import json
import tomllib
from pathlib import Path

import pytest

from core.settings.page import settings_page

MAX_FILE = 300
MAX_FUNCTION = 40
NODE_PROJECTS = [
    "bench/peers/apollo-cached",
    "bench/peers/graphql-ws",
    "bench/peers/mercurius",
    "bench/peers/yoga-cached",
    "web/clients",
    "web/live-client",
    "web/schema-checks",
]
PINNED = [f"requirements{name}.txt" for name in ("", "-deploy", "-dev", "-otel", "-queue", "-sbom")]
PACKAGES = [
    "adapters",
    "bench",
    "cli",
    "core",
    "engine",
    "events",
    "schema_check",
    "gateway",
    "loaders",
    "migrations",
    "models",
    "resolvers",
    "schema",
    "services",
    "workers",
]


def python_files(project: Path) -> list[Path]:
    return [
        file
        for package in (*PACKAGES, "tests")
        for file in sorted((project / package).rglob("*.py"))
        if "node_modules" not in file.parts
    ]


def test_files_are_small(project: Path) -> None:
    sizes = {str(file): len(file.read_text().splitlines()) for file in python_files(project)}
    assert {file: size for file, size in sizes.items() if size > MAX_FILE} == {}


def test_tests_take_limits_of_time_from_one_place(project: Path) -> None:
    """Those of `tests/support/timing.py` hold on a busy machine; a number in a test is a guess of its speed."""
    named = {"timeout": 0, "wait": 0, "wait_for": 1}
    guessed: list[str] = []
    for file in sorted((project / "tests").rglob("*.py")):
        for call in (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in named:
                given = [*call.args[named[call.func.attr] :], *(each.value for each in call.keywords)]
                guessed += [f"{file}:{call.lineno}" for each in given if isinstance(each, ast.Constant) and each.value]
    assert guessed == []


def test_functions_are_small(project: Path) -> None:
    long = [
        f"{file}:{node.lineno} {node.name}"
        for file in python_files(project)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION
    ]
    assert long == []


def test_every_package_says_what_it_is(project: Path) -> None:
    silent = [
        str(file)
        for file in python_files(project)
        if file.name == "__init__.py" and not ast.get_docstring(ast.parse(file.read_text()))
    ]
    assert silent == []


def test_settings_are_read_in_one_place(project: Path) -> None:
    readers = [
        file.relative_to(project).as_posix()
        for file in python_files(project)
        if "os.environ" in file.read_text() and not file.is_relative_to(project / "tests")
    ]
    assert readers == ["cli/main.py", "cli/serve.py"]


def test_the_page_of_settings_is_the_one_that_the_code_makes(project: Path) -> None:
    assert (project / "docs/settings.md").read_text() == settings_page(), "run 'make generated'"


def test_every_dependency_says_why_it_is_there(project: Path) -> None:
    manifest = tomllib.loads((project / "pyproject.toml").read_text())
    groups = manifest["dependency-groups"].values()
    wanted = [*manifest["project"]["dependencies"], *(each for group in groups for each in group)]
    page = (project / "docs/dependencies.md").read_text()
    names = [requirement.split(">")[0].split("[")[0].split(";")[0].strip() for requirement in wanted]
    assert [name for name in names if name not in page] == []


@pytest.mark.parametrize("folder", NODE_PROJECTS)
def test_every_package_for_node_says_why_it_is_there(project: Path, folder: str) -> None:
    manifest = json.loads((project / folder / "package.json").read_text())
    page = (project / "docs/dependencies.md").read_text()
    names = [*manifest.get("dependencies", {}), *manifest.get("devDependencies", {})]
    assert [name for name in names if f"`{name}`" not in page] == []


@pytest.mark.parametrize("folder", NODE_PROJECTS)
def test_lock_files_for_node_name_no_registry(project: Path, folder: str) -> None:
    packages = json.loads((project / folder / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if name and not package.get("integrity")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


@pytest.mark.parametrize("file", sorted(PINNED))
def test_pinned_requirements_name_no_registry(project: Path, file: str) -> None:
    text = (project / file).read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text
    assert "--index" not in text
