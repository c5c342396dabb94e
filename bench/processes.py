"""Reads the CPU time of processes from Linux, and pins processes to CPUs."""

import os
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from bench.world import BenchError, connected

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Indexes of fields in /proc/<pid>/stat after the command, which is in brackets."""

CPUS = SERVER_CPU, LOAD_CPU = 0, 1


def _stat(pid: int) -> list[str]:
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pids: Iterable[int]) -> float:
    """Returns the user and system time of processes, with all threads. Ended processes count as 0."""
    total = 0
    for pid in pids:
        try:
            stat = _stat(pid)
        except OSError:
            continue
        total += int(stat[_USER]) + int(stat[_SYSTEM])
    return total / _TICKS


def cpu_clocks() -> dict[int, tuple[int, int]]:
    """Returns the busy ticks and all ticks of each CPU."""
    clocks: dict[int, tuple[int, int]] = {}
    for line in (_PROC / "stat").read_text().splitlines():
        name, *ticks = line.split()
        if name.startswith("cpu") and name != "cpu":
            user, nice, system, idle, waiting, *others = map(int, ticks[:8])
            busy = user + nice + system + sum(others)
            clocks[int(name[3:])] = busy, busy + idle + waiting
    return clocks


def busy_between(before: dict[int, tuple[int, int]], after: dict[int, tuple[int, int]], cpu: int) -> float:
    """Returns the busy share of a CPU between two readings, from 0 to 1."""
    busy, total = (now - then for now, then in zip(after[cpu], before[cpu], strict=True))
    return busy / total if total else 0.0


def tool(name: str, package: str) -> str:
    """Returns the path of a program. Raises `BenchError` when it is missing."""
    path = shutil.which(name)
    if path is None:
        raise BenchError(f"'{name}' is missing: install {package}")
    return path


def pinned(cpus: set[int], command: list[str]) -> list[str]:
    """Returns the command that runs `command` and its children on these CPUs."""
    return [tool("taskset", "util-linux"), "-c", ",".join(map(str, sorted(cpus))), *command]


async def backends(url: str) -> list[int]:
    """Returns PostgreSQL's processes for the database of this URL, or none when it runs on another machine."""
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
    """Returns PostgreSQL's parent process, or None when it runs on another machine."""
    async with connected(url) as connection:
        pid: int = connection.get_server_pid()
        return int(_stat(pid)[_PARENT]) if _is_postgres(pid) else None


@contextmanager
def on_cpus(parent: int | None, cpus: set[int]) -> Generator[bool]:
    """Pins a process and its children to CPUs, and restores them at the end. Yields whether that is permitted."""
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
