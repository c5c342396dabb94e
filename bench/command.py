"""Runs a benchmark as a command."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from bench.world import BenchError, say

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
"""The server on which benchmarks create databases, unless an option names another one."""


def run_command(
    parser: argparse.ArgumentParser, run: Callable[[argparse.Namespace], None], arguments: Sequence[str] | None
) -> int:
    """Runs a benchmark with its options, and returns the exit status. A `BenchError` is one line.

    On SIGTERM the benchmark also stops its programs and releases PostgreSQL's CPUs.
    """
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    try:
        run(options)
    except BenchError as error:
        say(f"bench: {error}")
        return 1
    return 0


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(1)
