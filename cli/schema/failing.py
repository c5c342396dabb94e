"""Exit status 2: the tool, a schema or a file is at fault, and nothing is said of the change."""

import argparse
import sys
import traceback
from collections.abc import Callable
from functools import wraps

from core.settings import Settings
from schema_check.errors import SchemaCheckError

Run = Callable[[Settings, argparse.Namespace], int]


def fails_with_two(run: Run) -> Run:
    """Status 1 says that the change is at fault, so nothing else may end with it."""

    @wraps(run)
    def guarded(settings: Settings, asked: argparse.Namespace) -> int:
        try:
            return run(settings, asked)
        except SchemaCheckError as error:
            sys.stderr.write(f"bff: {error}\n")
        except Exception:  # noqa: BLE001 - whatever it is, it is no verdict on the change; it is shown whole
            traceback.print_exc()
        return 2

    return guarded
