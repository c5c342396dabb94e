"""Runs commands in the process of the test."""

import io
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout

from cli.main import main
from tests.support.timing import DEADLINES


def call_bff(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command that ends, and returns what `bff` of test_commands.py returns.

    The command runs on a thread, with an event loop of its own. To start an interpreter for it would cost a second of
    processor time.
    """
    given = {"PATH": os.environ["PATH"], **DEADLINES, **environment}
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors), ThreadPoolExecutor(1) as thread:
        status = thread.submit(_status, arguments, given).result()
    return subprocess.CompletedProcess(arguments, status, output.getvalue(), errors.getvalue())


def _status(arguments: tuple[str, ...], environment: dict[str, str]) -> int:
    try:
        return main(arguments, environment)
    except SystemExit as end:
        return int(end.code or 0)
