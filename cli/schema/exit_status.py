"""Exit status 2 of `bff schema`: the tool, a schema or a file failed, and there is no verdict on the change."""

import argparse
import sys
import traceback
from collections.abc import Callable
from functools import wraps

from cli.output import is_output_closed
from core.settings import Settings
from schema_check.errors import SchemaCheckError

Run = Callable[[Settings, argparse.Namespace], int]


def exit_two_on_error(run: Run) -> Run:
    """Returns a command that exits with status 2 on any error. Status 1 is reserved for a failed check."""

    @wraps(run)
    def guarded(settings: Settings, options: argparse.Namespace) -> int:
        try:
            return run(settings, options)
        except SchemaCheckError as error:
            sys.stderr.write(f"bff: {error}\n")
        except Exception as error:  # no error may exit with status 1
            if is_output_closed(error):
                raise
            traceback.print_exc()
        return 2

    return guarded
