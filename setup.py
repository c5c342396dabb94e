"""Puts the files that are read at run time into wheels; everything else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

FILES = ("web/graphiql/dist", "schema-operations", "docs/errors", "locales")
"""Folders that `core/project.py` finds: in a checkout where they are, in an installation below `core/files`."""


class BuildWithFiles(build_py):
    """Copies `FILES`, unless the installation is an editable one, which reads the checkout."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / "core/files"
        shutil.rmtree(target, ignore_errors=True)
        for folder in FILES:
            shutil.copytree(folder, target / folder)


setup(cmdclass={"build_py": BuildWithFiles})
