"""Where the files are that are read at run time, but are no modules."""

from pathlib import Path

_INSTALLED = Path(__file__).parent / "files"
"""Where `setup.py` puts them in a wheel."""

PROJECT = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent
"""The folder that they are below, by the paths that they have in the repository."""
