"""The location of data files that are read at run time."""

from pathlib import Path

DISTRIBUTION = "graphql-mobile-bff"
"""The name of the distribution. On the package index, the name `bff` belongs to another project."""

_INSTALLED = Path(__file__).parent / "files"
"""The location of the files in a wheel, where `setup.py` copies them."""

PROJECT = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent
"""The folder that contains the files under their paths in the repository."""
