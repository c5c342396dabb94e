"""Builds the image, runs it, and writes `bench/results/image.md`: `make image`.

It needs buildah, podman, runc and mmdebstrap, and a user that may create namespaces. The base is made of Debian's
packages, because no registry of images is needed then. `--base NAME` takes another one.
"""

import argparse
import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from httpx2 import AsyncClient, TransportError
from packaging.markers import Marker

from tests.support.postgres_server import running_postgres
from tests.support.programs import free_port

PROJECT = Path(__file__).parent.parent.parent.parent
PAGE = PROJECT / "bench/results/image.md"
PROGRAMS = ("buildah", "mmdebstrap", "podman", "runc")
IMAGE = "localhost/bff:built"
REQUIREMENTS = [f"requirements{name}.txt" for name in ("-sbom", "", "-otel", "-queue")]
_BASE = "localhost/bff-base:debian"
_BUILD_SECONDS = 1500
_START_SECONDS = 120
_RUN = (  # noqa: SIM905 - one option after the other
    "--runtime runc --cgroup-manager cgroupfs run --rm --no-healthcheck --network=host --read-only --cap-drop=all "
    "--security-opt=no-new-privileges --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 --tmpfs /tmp"
).split()
"""The options of podman: nothing that the process does not need."""

_PROBE = """
import json, os, pathlib, shutil
def writable(path):
    try:
        pathlib.Path(path, "x").write_text("x")
    except OSError:
        return False
    return True
status = pathlib.Path("/proc/self/status").read_text()
print(json.dumps({
    "user": os.getuid(), "group": os.getgid(), "pip": bool(shutil.which("pip")),
    "writable": [path for path in ("/", "/app", "/etc", "/tmp") if writable(path)],
    "capabilities": [line.split()[1] for line in status.splitlines() if line.startswith("CapEff")][0],
    "bom": json.loads(pathlib.Path("/app/sbom.cdx.json").read_text()),
}))
"""
"""Runs in a container, and prints what the process may do."""


class Built(NamedTuple):
    """Holds the measured sizes in MB, times in seconds, and the number of packages of the SBOM."""

    size: float
    base_size: float
    start: float
    stop: float
    packages: int


class Problem(Exception):
    """The image cannot be built or run, or is not as it has to be."""


def missing() -> list[str]:
    """Returns the programs that are not installed."""
    return [name for name in PROGRAMS if not shutil.which(name)]


def call(*command: str | Path, seconds: float = 300) -> str:
    """Runs a command, and returns its output. Raises `Problem`."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=seconds)
    if done.returncode:
        raise Problem(f"{' '.join(map(str, command))}\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout


def make_base(folder: Path) -> str:
    """Makes the base of Debian's packages, and returns its name."""
    packages = "python3,python3-venv,ca-certificates"
    archive = folder / "base.tar"
    call("mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", "bookworm", archive, seconds=900)
    container = call("buildah", "from", "scratch").strip()
    try:
        call("buildah", "add", container, archive, "/")
        call("buildah", "commit", "--quiet", container, _BASE)
    finally:
        call("buildah", "rm", container)
        archive.unlink()
    return _BASE


def download(folder: Path, base: str) -> None:
    """Downloads what the requirements pin for the interpreter of the base, so that the build needs no network."""
    version = call("podman", *_RUN, base, "python3", "-c", "import platform; print(platform.python_version())").strip()
    wheels, pinned = folder / "wheels", folder / "pinned.txt"
    wheels.mkdir()
    for file in REQUIREMENTS:
        pinned.write_text(_for_version((PROJECT / file).read_text(), version))
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        options = ["--only-binary=:all:", "--python-version", version, "--require-hashes", "-r", pinned]
        call(*command, *options, "-d", wheels, seconds=900)


def _for_version(text: str, version: str) -> str:
    """Returns the requirements of a version of Python without their markers, which pip reads for its own version."""
    environment = {"python_full_version": version, "python_version": version.rpartition(".")[0]}
    kept: list[str] = []
    for requirement in re.split(r"^(?=\S)", text, flags=re.MULTILINE):
        found = re.match(r"(\S+) ; (.*?)( \\)?$", requirement, re.MULTILINE)
        if found is None:
            kept.append(requirement)
        elif Marker(found[2]).evaluate(environment):
            kept.append(f"{found[1]}{found[3] or ''}{requirement[found.end() :]}")
    return "".join(kept)


def build(folder: Path, base: str) -> None:
    """Builds the image from the files that git knows, and from packages that are downloaded before."""
    wheels, source, config = folder / "wheels", folder / "source", folder / "pip.conf"
    download(folder, base)
    config.write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    archive = folder / "source.tar"
    call("git", "-C", PROJECT, "archive", "--output", archive, "HEAD")
    shutil.unpack_archive(archive, source)
    revision = call("git", "-C", PROJECT, "rev-parse", "HEAD").strip()
    mounts = [f"--volume={wheels}:/wheels:ro", f"--volume={config}:/etc/pip.conf:ro"]
    arguments = [f"--build-arg=BASE={base}", f"--build-arg=REVISION={revision}"]
    options = ["--isolation=chroot", "--network=host", "--pull=never", "--format=oci", f"--tag={IMAGE}"]
    file = source / "deploy/image/Containerfile"
    command = ["buildah", "bud", *options, *mounts, *arguments, "--ignorefile", str(source / ".containerignore")]
    call(*command, "--file", file, source, seconds=_BUILD_SECONDS)


def size_of(image: str) -> float:
    """Returns the size of an image in MB."""
    (found,) = json.loads(call("podman", "image", "inspect", image))
    return found["Size"] / 1e6


def check(image: str) -> int:
    """Checks the labels, the user and the file system. Returns the number of packages of the SBOM. Raises `Problem`."""
    (found,) = json.loads(call("podman", "image", "inspect", image))
    labels = found["Config"]["Labels"]
    expected = {"title": "bff", "revision": call("git", "-C", PROJECT, "rev-parse", "HEAD").strip()}
    wrong = [name for name, value in expected.items() if labels[f"org.opencontainers.image.{name}"] != value]
    probe = json.loads(call("podman", *_RUN, "--entrypoint=/app/bin/python", image, "-c", _PROBE))
    bom = probe.pop("bom")
    safe = {"user": 10001, "group": 10001, "pip": False, "writable": ["/tmp"], "capabilities": "0" * 16}  # noqa: S108 - expected
    if wrong or probe != safe:
        raise Problem(f"wrong labels: {wrong}, wrong rights: {probe}")
    names = {component["name"].lower() for component in bom["components"]}
    if bom["bomFormat"] != "CycloneDX" or not {"strawberry-graphql", "uvicorn", "pydocket"} <= names:
        raise Problem(f"the SBOM lacks packages: {sorted(names)}")
    return len(names)


def container(image: str, environment: dict[str, str], *arguments: str) -> list[str]:
    """Returns the command that runs `bff` with arguments in a container."""
    variables = [f"--env={name}={value}" for name, value in environment.items()]
    return ["podman", *_RUN, *variables, image, *arguments]


@asynccontextmanager
async def served(command: Sequence[str], port: int) -> AsyncGenerator[float]:
    """Yields the seconds until the server is ready."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(*command)
    try:
        async with asyncio.timeout(_START_SECONDS), AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            while True:
                if process.returncode is not None:
                    raise Problem("the container has ended")
                with suppress(TransportError):
                    if (await http.get("/readyz")).status_code == 200:
                        break
                await asyncio.sleep(0.02)
            yield time.monotonic() - began
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), _START_SECONDS)


async def run_image(folder: Path, image: str) -> tuple[float, float]:
    """Migrates a database and serves it, both in containers. Returns the seconds of the start and of the stop."""
    async with running_postgres(folder) as postgres:
        port = free_port()
        environment = {
            "BFF_ENV": "production",
            "BFF_DATABASE_URL": postgres.url,
            "BFF_SECRET_KEYS": "k1:" + "x" * 32,
            "PORT": str(port),
            "BFF_LOG_LEVEL": "WARNING",
        }
        await asyncio.to_thread(call, *container(image, environment, "migrate"))
        async with served(container(image, environment), port) as start:
            async with AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=_START_SECONDS) as http:
                response = await http.post("/graphql", json={"query": "{ viewer { user { handle } } }"})
            if response.json() != {"data": {"viewer": None}}:
                raise Problem(f"wrong response: {response.text}")
            ended = time.monotonic()
        return start, time.monotonic() - ended


def page(built: Built, base: str) -> str:
    """Returns the page of the results."""
    return f"""# The image

`make image` has built [the image](../../deploy/image/Containerfile) on {datetime.now(UTC).date()}, and run it with
podman and runc: with a read-only file system, without capabilities, as a user that is not root. The base was `{base}`.

| | |
|---|---|
| Size | {built.size:,.0f} MB, of which the base is {built.base_size:,.0f} MB |
| From the start of the container to the first 200 of `/readyz` | {built.start:.1f} s |
| From SIGTERM to the end, without requests | {built.stop:.1f} s |
| Packages in the SBOM | {built.packages} |
"""


async def main(base: str, *, writes: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="image-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # noqa: ASYNC240 - nothing waits for it
        base = base or await asyncio.to_thread(make_base, folder)
        await asyncio.to_thread(build, folder, base)
        packages = await asyncio.to_thread(check, IMAGE)
        start, stop = await run_image(folder, IMAGE)
        built = Built(size_of(IMAGE), size_of(base), start, stop, packages)
    if writes:
        PAGE.write_text(page(built, base))
    sys.stdout.write(page(built, base))
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", default="", help="an image to build upon, instead of one of Debian's packages")
    parser.add_argument("--check", action="store_true", help="only print the results")
    given = parser.parse_args()
    if missing():
        sys.exit(f"image: install {', '.join(missing())}")
    try:
        sys.exit(asyncio.run(main(given.base, writes=not given.check)))
    except Problem as problem:
        sys.exit(f"image: {problem}")
