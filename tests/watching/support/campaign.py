"""Replays the days of several seeds through the anomaly rules, and writes `bench/results/anomalies.md`.

python -m tests.watching.support.campaign --seeds 5
"""

import argparse
import sys
import tempfile
from pathlib import Path

from core.project import PROJECT
from tests.watching.support.days import DAYS, KINDS, QUIET_DAYS
from tests.watching.support.replay import Replay, replay

_FILE = PROJECT / "bench/results/anomalies.md"
_HEAD = """# What the anomaly rules find

Written by `make campaign-anomalies`. Each seed makes {days} synthetic days with noise, weekends, growth, deployments,
missed scrapes and short campaigns; the last {tested} days contain one incident of each of {kinds} kinds. `promtool test
rules` evaluates [`bff-anomalies.yaml`](../../deploy/prometheus/rules/bff-anomalies.yaml) every five minutes of them.
An *episode* is a run of half hours in which `BffAnomaly` fires. It is false if no incident overlaps it, up to 45
minutes after the incident. [Watching](../../docs/watching.md#anomalies) explains the rules. The days are simulated:
they show that the rules work, and not how often your traffic differs from yesterday and last week.

"""


def page(replays: list[Replay]) -> str:
    """Returns the page with the results."""
    found = sum(bool(each.signals) for run in replays for each in run.incidents)
    incidents = sum(len(run.incidents) for run in replays)
    true, false = sum(run.true_episodes for run in replays), sum(len(run.false_episodes) for run in replays)
    lines = [
        _HEAD.format(days=DAYS, tested=DAYS - QUIET_DAYS, kinds=len(KINDS)),
        f"**Recall {found / incidents:.3f}** ({found} of {incidents} incidents), ",
        f"**precision {true / (true + false):.3f}** ({true} of {true + false} episodes).\n",
        "\n| Seed | Incidents found | Episodes | False episodes |\n|---:|---:|---:|---|\n",
        *(_seed(run) for run in replays),
        "\n| Incident | Found | Signals that fired |\n|---|---:|---|\n",
        *(_kind(kind, replays) for kind in KINDS),
    ]
    return "".join(lines)


def _seed(run: Replay) -> str:
    found = sum(bool(each.signals) for each in run.incidents)
    episodes = run.true_episodes + len(run.false_episodes)
    return (
        f"| {run.seed} | {found} of {len(run.incidents)} | {episodes} | {'; '.join(run.false_episodes) or 'none'} |\n"
    )


def _kind(kind: str, replays: list[Replay]) -> str:
    same = [each for run in replays for each in run.incidents if each.kind == kind]
    signals = sorted({signal for each in same for signal in each.signals})
    return f"| {kind} | {sum(bool(each.signals) for each in same)} of {len(same)} | {', '.join(signals) or 'none'} |\n"


def main() -> None:
    """Replays and writes the page."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seeds", type=int, default=5, help="the number of seeds, from 1")
    seeds = arguments.parse_args().seeds
    replays: list[Replay] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, seeds + 1):
            replays.append(replay(seed, Path(folder)))
            sys.stdout.write(_seed(replays[-1]))
            sys.stdout.flush()
    _FILE.write_text(page(replays))


if __name__ == "__main__":
    main()
