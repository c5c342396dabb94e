"""Writes the dashboards of `deploy/grafana`: `python -m tests.support.dashboard_files`."""

from pathlib import Path

from core.project import PROJECT
from tests.support.dashboard_panels import DATABASE, OPERATIONS, OVERVIEW, REDIS
from tests.support.dashboard_work import LIVE, PAYMENTS, WORKERS
from tests.support.dashboards import written

_FOLDER = PROJECT / "deploy/grafana"
_DASHBOARDS = (OVERVIEW, OPERATIONS, DATABASE, REDIS, LIVE, PAYMENTS, WORKERS)


def files() -> dict[Path, str]:
    """Returns the file of each dashboard with its text."""
    return {_FOLDER / f"{each.name}.json": written(each) for each in _DASHBOARDS}


if __name__ == "__main__":
    for file, text in files().items():
        file.write_text(text)
