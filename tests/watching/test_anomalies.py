"""The anomaly rules find the incidents of synthetic days, and little else."""

from pathlib import Path

import pytest

from tests.support.prometheus import INSTALLED
from tests.watching.support.days import KINDS
from tests.watching.support.replay import replay

GOAL = 0.9


@pytest.mark.skipif(not INSTALLED, reason="promtool is not installed")
def test_a_replay_finds_incidents_of_twelve_kinds_and_little_else(tmp_path: Path) -> None:
    found = replay(1, tmp_path)
    assert {incident.kind for incident in found.incidents} == set(KINDS)
    assert len(KINDS) == 12
    assert found.recall >= GOAL, found.incidents
    assert found.precision >= GOAL, found.false_episodes
