"""Adds a migration of a later release to those of the product."""

import importlib
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

import migrations
import services.maintenance.migrations


@contextmanager
def added_migration(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> Generator[str]:
    """Adds a migration with a text that contains `{before}`, the name of the last one. Yields its name.

    `folder` does not exist yet. Its name becomes that of a package.
    """
    shutil.copytree(migrations.__path__[0], folder)
    (folder / f"{name}.py").write_text(text.format(before=max(services.maintenance.migrations._known())))
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.setattr(services.maintenance.migrations, "migrations", importlib.import_module(folder.name))
    monkeypatch.setattr(services.maintenance.migrations, "_APPS", {"bff": {"models": [], "migrations": folder.name}})
    services.maintenance.migrations._known.cache_clear()
    yield name
    services.maintenance.migrations._known.cache_clear()
    for module in [module for module in sys.modules if module.startswith(folder.name)]:
        del sys.modules[module]
