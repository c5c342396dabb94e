"""A command is a module of `cli` with `run` and, where it takes arguments, `add_arguments`.

The module is imported when its command is called: all modules together take two seconds of processor time to import,
which `bff --version` and most commands would pay for nothing.
"""

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Any


class CommandParser(argparse.ArgumentParser):
    """Takes its arguments, its `run` and other defaults from the module `module`, once it is asked to parse."""

    def __init__(self, *arguments: Any, module: str | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._module = module

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride] - argparse overloads it by the namespace
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """As argparse's, which also calls this for the command that the arguments name."""
        if self._module is not None:
            module, self._module = import_module(self._module), None
            if run := getattr(module, "run", None):
                self.set_defaults(run=run)
            if add_arguments := getattr(module, "add_arguments", None):
                add_arguments(self)
        return super().parse_known_args(args, namespace)


def at_least_one(text: str) -> int:
    """The type of an argument that counts something."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
