"""What Linux says of processes: their processor time, and on which CPU they run."""

import os
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from bench.world import BenchError, connected

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Places in /proc/<pid>/stat behind the command, which stands in brackets."""

CPUS = SERVER_CPU, LOAD_CPU = 0, 1


def _stat(pid: int) -> list[str]:
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of processes so far, all threads included; those that are gone count for nothing."""
    total = 0
    for pid in pids:
        try:
            stat = _stat(pid)
        except OSError:
            continue
        total += int(stat[_USER]) + int(stat[_SYSTEM])
    return total / _TICKS


def cpu_clocks() -> dict[int, tuple[int, int]]:
    """Ticks that each CPU was busy, and all its ticks."""
    clocks: dict[int, tuple[int, int]] = {}
    for line in (_PROC / "stat").read_text().splitlines():
        name, *ticks = line.split()
        if name.startswith("cpu") and name != "cpu":
            user, nice, system, idle, waiting, *others = map(int, ticks[:8])
            busy = user + nice + system + sum(others)
            clocks[int(name[3:])] = busy, busy + idle + waiting
    return clocks


def busy_between(before: dict[int, tuple[int, int]], after: dict[int, tuple[int, int]], cpu: int) -> float:
    """The part of the time, from 0 to 1, that a CPU was busy."""
    busy, total = (now - then for now, then in zip(after[cpu], before[cpu], strict=True))
    return busy / total if total else 0.0


def tool(name: str, package: str) -> str:
    """The path of a program."""
    path = shutil.which(name)
    if path is None:
        raise BenchError(f"'{name}' is missing: install {package}")
    return path


def pinned(cpus: set[int], command: list[str]) -> list[str]:
    """The command, on these CPUs with all that it starts."""
    return [tool("taskset", "util-linux"), "-c", ",".join(map(str, sorted(cpus))), *command]


async def backends(url: str) -> list[int]:
    """Processes of PostgreSQL that serve the database of this URL; none where they run elsewhere."""
    async with connected(url) as connection:
        pids: list[int] | None = await connection.fetchval(
            "SELECT array_agg(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    return [pid for pid in pids or () if _is_postgres(pid)]


def _is_postgres(pid: int) -> bool:
    try:
        return (_PROC / str(pid) / "comm").read_text().startswith("postgres")
    except OSError:
        return False


async def postmaster(url: str) -> int | None:
    """The process that all of PostgreSQL's come from; None where it runs elsewhere."""
    async with connected(url) as connection:
        pid: int = connection.get_server_pid()
        return int(_stat(pid)[_PARENT]) if _is_postgres(pid) else None


@contextmanager
def on_cpus(parent: int | None, cpus: set[int]) -> Generator[bool]:
    """Keeps a process and its children on some CPUs, and lets them go where they were; whether that was possible."""
    if parent is None:
        yield False
        return
    try:
        before = os.sched_getaffinity(parent)
        _move(parent, cpus)
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        _move(parent, before)


def _move(parent: int, cpus: set[int]) -> None:
    os.sched_setaffinity(parent, cpus)
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if int(_stat(int(folder.name))[_PARENT]) == parent:
                os.sched_setaffinity(int(folder.name), cpus)
        except OSError:
            continue
