"""The Containerfile, without building it. `make image` builds and runs the image."""

import re
import subprocess
import sys
from pathlib import Path

from tests.support.charts import PROJECT, program, require_tools
from tests.support.timing import HANG_SECONDS

FILE = PROJECT / "deploy/image/Containerfile"


def test_the_containerfile_has_no_finding() -> None:
    require_tools()
    done = subprocess.run(
        [program("hadolint"), FILE], check=False, capture_output=True, text=True, timeout=HANG_SECONDS
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_files_that_it_needs_are_part_of_its_context() -> None:
    ignored = (PROJECT / ".containerignore").read_text()
    assert (PROJECT / ".dockerignore").read_text() == ignored
    permitted = set(re.findall(r"^!(.+)$", ignored, re.MULTILINE))
    assert {path for path in permitted if not (PROJECT / path).exists()} == set()
    copied = re.findall(r"\S+", re.findall(r"^COPY (requirements.*) /build/$", FILE.read_text(), re.MULTILINE)[0])
    assert set(copied) <= permitted
    packages = re.findall(r'"(\w+)\*"', (PROJECT / "pyproject.toml").read_text())
    assert {package for package in packages if package not in permitted} == set()


def test_the_version_is_that_of_the_product_and_of_the_chart() -> None:
    version = re.findall(r'^version = "(.+)"$', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)
    assert re.findall(r"^ARG VERSION=(.+)$", FILE.read_text(), re.MULTILINE) == version
    chart = (PROJECT / "deploy/helm/bff/Chart.yaml").read_text()
    assert re.findall(r'^appVersion: "(.+)"$', chart, re.MULTILINE) == version


def test_the_health_check_fails_without_a_server(tmp_path: Path) -> None:
    script = (PROJECT / "deploy/image/healthcheck.py").read_text().replace(":8000/", ":1/")
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("not ready: ")
