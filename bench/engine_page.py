"""Writes the results of the engine benchmark as JSON, and as a page made from it."""

import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from bench.engine_documents import MAX_GROWTH_BYTES, MEBIBYTE, Documents
from bench.engine_timing import BY_HAND, COMPILED, STOCK, Compiling, Timing

_PACKAGES = ("graphql-core", "strawberry-graphql", "aiodataloader", "uvloop")
_WRITTEN_BY = "Written by `make bench-engine`."
_METHOD = """\
One process on one core, one uvloop event loop. In every round each contender runs once, always with the same number of
executions: at least a tenth of a second, and up to the end of a full garbage collection if its garbage causes one.
Garbage is collected before each run, outside the measurement. Each round begins with another contender. Times are CPU
time of the process: medians over the rounds, in microseconds per execution. "Times faster" is graphql-core's median
divided by the engine's. The next column is the median of this ratio per round, with its minimum and maximum. All
contenders use the same schemas, documents and rows, and parsed documents. The times include creating the contexts and
loaders of an execution. Before the measurement, all contenders returned the same result. "By hand" is plain Python with
the same rows, loaders and rules."""


class Results(msgspec.Struct):
    """Holds the results of the last runs."""

    date: str = ""
    versions: dict[str, str] = {}
    timings: list[Timing] = []
    compiling: list[Compiling] = []
    documents: Documents | None = None


def update(folder: Path, change: dict[str, object]) -> str:
    """Replaces earlier results by those of a run, and returns the page."""
    file = folder / "engine.json"
    results = msgspec.json.decode(file.read_bytes(), type=Results) if file.exists() else Results()
    for name, value in (change | {"date": datetime.now(UTC).date().isoformat(), "versions": _versions()}).items():
        setattr(results, name, value)
    text = page(results)
    folder.mkdir(exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")
    (folder / "engine.md").write_text(text)
    return text


def _versions() -> dict[str, str]:
    return {platform.python_implementation(): platform.python_version()} | {
        package: version(package) for package in _PACKAGES
    }


def page(results: Results) -> str:
    """Returns the page in Markdown."""
    versions = ", ".join(f"{name} {number}" for name, number in results.versions.items())
    parts = ["# The engine and graphql-core's executor", f"{results.date}, {versions}. {_WRITTEN_BY}", _METHOD]
    for garbage_collection in dict.fromkeys(timing.garbage_collection for timing in results.timings):
        chosen = [timing for timing in results.timings if timing.garbage_collection == garbage_collection]
        parts += [f"## {garbage_collection}", timing_table(chosen)]
    if results.compiling:
        parts += ["## First executions of documents", compiling_table(results.compiling)]
    if results.documents:
        parts += ["## Memory", _documents(results.documents)]
    return "\n\n".join(parts) + "\n"


def timing_table(timings: Iterable[Timing]) -> str:
    numbers = ("fields", "values", "graphql-core, µs", "engine, µs", "times faster", "by rounds (min to max)")
    heads = ("Operation", *numbers, "goal", "reached", "by hand, µs", "engine / by hand")
    return _table(heads, [_timing_row(timing) for timing in timings])


def _timing_row(timing: Timing) -> Sequence[str]:
    times = timing.microseconds
    rounds = f"{timing.ratio_of_rounds:.2f} ({timing.lowest_ratio:.2f} to {timing.highest_ratio:.2f})"
    by_hand = (f"{times[BY_HAND]:,.0f}", f"{timing.by_hand_ratio:.2f}") if timing.by_hand_ratio else ("", "")
    return (
        timing.title,
        f"{timing.fields:,}",
        f"{timing.values:,}",
        f"{times[STOCK]:,.0f}",
        f"{times[COMPILED]:,.0f}",
        f"{timing.ratio:.2f}",
        rounds,
        f"≥ {timing.goal:g}",
        _yes(timing.reached),
        *by_hand,
    )


def compiling_table(compiled: Iterable[Compiling]) -> str:
    heads = ("Operation", "graphql-core, µs", "engine, first execution, µs", "times longer", "goal", "reached")
    rows = [
        (
            each.title,
            f"{each.microseconds[STOCK]:,.0f}",
            f"{each.microseconds[COMPILED]:,.0f}",
            f"{each.ratio:.2f}",
            f"≤ {each.goal:g}",
            _yes(each.reached),
        )
        for each in compiled
    ]
    return _table(heads, rows)


def _documents(found: Documents) -> str:
    rows = [(f"{count:,}", f"{resident / MEBIBYTE:,.1f}") for count, resident in [(0, found.first_bytes), *found.after]]
    verdict = (
        f"{found.documents:,} documents of the home screen that differ in an alias, each executed once. Their second "
        f"half added {found.late_growth / MEBIBYTE:.1f} MiB; the goal is at most "
        f"{MAX_GROWTH_BYTES / MEBIBYTE:.0f} MiB. Reached: {_yes(found.reached)}."
    )
    return f"{verdict}\n\n{_table(('documents', 'resident memory, MiB'), rows)}"


def _yes(reached: bool) -> str:  # noqa: FBT001 - it is the value that is formatted
    return "yes" if reached else "no"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table whose first column is text and whose others are numbers."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
