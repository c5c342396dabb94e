"""Parsers of commands. A command is a module of `cli` with the function `run`, and `add_arguments` if it has arguments.

A module is imported only when its command is called. Importing all of them takes two seconds of processor time, which
`bff --version` and most commands do not need.
"""

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import Any


class CommandParser(argparse.ArgumentParser):
    """A parser that imports its command's module when it parses, and adds the module's arguments and `run`."""

    def __init__(self, *arguments: Any, module: str | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._module = module

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride] - argparse overloads it by the namespace
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parses like argparse's method. argparse also calls it for the command that the arguments name."""
        if self._module is not None:
            module, self._module = import_module(self._module), None
            if run := getattr(module, "run", None):
                self.set_defaults(run=run)
            if add_arguments := getattr(module, "add_arguments", None):
                add_arguments(self)
        return super().parse_known_args(args, namespace)


def at_least_one(text: str) -> int:
    """Parses an integer of at least 1. It is the `type` of arguments that are counts."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
