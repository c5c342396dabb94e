"""Where the repository is: some of its files are served, not imported."""

from pathlib import Path

PROJECT = Path(__file__).parent.parent
