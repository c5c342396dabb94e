"""Renders the Helm chart and the Kustomize overlays of deploy/, with the libraries of `make deploy-tools`."""

import importlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from tests.support.timing import HANG_SECONDS

PROJECT = Path(__file__).parent.parent.parent
CHART = PROJECT / "deploy/helm/bff"
KUBERNETES = PROJECT / "deploy/kubernetes"
OVERLAYS = ("large", "region", "small")
_MODULES = ("helm_python", "kubernetes_validate", "compose_spec")

Document = dict[str, Any]


def program(name: str) -> str:
    """Returns the path of a program of the virtual environment."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or ""


def require_tools() -> None:
    """Skips a test if the tools are not installed. Fails in CI, which installs them."""
    missing = [name for name in _MODULES if find_spec(name) is None]
    missing += [name for name in ("hadolint", "kubectl") if not program(name)]
    if missing:
        assert not os.environ.get("TEST_REQUIRE_DEPLOY_TOOLS"), f"{missing} are not installed"
        pytest.skip(f"'make deploy-tools' installs {', '.join(missing)}")


def render(values: Document | None = None, name: str = "bff") -> dict[str, str]:
    """Returns the rendered templates by their file. Helm checks the values. Raises its `HelmError`."""
    helm: Any = importlib.import_module("helm_python")
    with helm.Chart.load(str(CHART)) as chart:
        rendered: dict[str, str] = chart.render(values or {}, name=name, namespace="bff")
        chart.validate_schema(values or {})
    return {path.rpartition("/")[2]: text for path, text in rendered.items()}


def documents(text: str) -> list[Document]:
    """Returns the documents of a YAML text, without empty ones."""
    return [cast("Document", document) for document in yaml.safe_load_all(text) if document]


def rendered(values: Document | None = None, name: str = "bff") -> list[Document]:
    return [document for text in render(values, name).values() for document in documents(text)]


def built(folder: Path) -> list[Document]:
    """Returns the documents that Kustomize builds from a folder."""
    done = subprocess.run(
        [program("kubectl"), "kustomize", folder], check=False, capture_output=True, text=True, timeout=HANG_SECONDS
    )
    assert done.returncode == 0, done.stderr
    return documents(done.stdout)


def one(found: list[Document], kind: str, name: str) -> Document:
    """Returns the only document of a kind with this name."""
    (document,) = [each for each in found if each["kind"] == kind and each["metadata"]["name"] == name]
    return document
