"""Replays synthetic days through the anomaly rules with promtool, and computes precision and recall."""

import re
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.support.prometheus import DEPLOY, promtool
from tests.watching.support.days import DAYS, QUIET_DAYS, STEP_SECONDS, Days

SLOT_MINUTES = 30
"""The time in which alerts count together."""

_GRACE_MINUTES = 45
"""After the end of an incident, the rates of its last minutes still differ."""

_FAILED = re.compile(
    r'expr: "[^\n]*", time: (?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?,.*?\n\s+got:(.*?)(?=\n\s+expr: |\Z)', re.DOTALL
)
_SIGNAL = re.compile(r'signal="(\w+)"')
_ALERTS = f'count by (signal) (max_over_time(ALERTS{{alertname="BffAnomaly",alertstate="firing"}}[{SLOT_MINUTES}m]))'


class Found(NamedTuple):
    """The signals that fired in the slots of an incident; none, if it was missed."""

    kind: str
    minutes: int
    signals: list[str]


class Replay(NamedTuple):
    """Holds the incidents and episodes that the rules found in the days of one seed."""

    seed: int
    incidents: list[Found]
    true_episodes: int
    false_episodes: list[str]

    @property
    def precision(self) -> float:
        episodes = self.true_episodes + len(self.false_episodes)
        return self.true_episodes / episodes if episodes else 0.0

    @property
    def recall(self) -> float:
        return sum(bool(each.signals) for each in self.incidents) / len(self.incidents)


def replay(seed: int, folder: Path) -> Replay:
    """Returns what the rules find. Fails if promtool does not run."""
    days = Days(seed)
    slots = _slots(_printed(days, folder))
    true, false = 0, list[str]()
    windows = [
        (each.begin * STEP_SECONDS // 60, each.end * STEP_SECONDS // 60 + _GRACE_MINUTES) for each in days.incidents
    ]
    for begin, end, signals in _episodes(slots):
        if any(begin < until and since < end for since, until in windows):
            true += 1
        else:
            false.append(
                f"day {begin // 1440}, {begin % 1440 // 60:02d}:{begin % 60:02d}: {', '.join(sorted(signals))}"
            )
    found = [
        Found(incident.kind, (incident.end - incident.begin) * STEP_SECONDS // 60, sorted(_within(slots, *window)))
        for incident, window in zip(days.incidents, windows, strict=True)
    ]
    return Replay(seed, found, true, false)


def _printed(days: Days, folder: Path) -> str:
    """Returns promtool's output about the slots in which alerts fired: each test expects that none does."""
    last, first = DAYS * 1440, QUIET_DAYS * 1440
    times = range(first + SLOT_MINUTES, last + 1, SLOT_MINUTES)
    test = {
        "interval": f"{STEP_SECONDS}s",
        "input_series": [{"series": name, "values": " ".join(values)} for name, values in days.series.items()],
        "promql_expr_test": [{"expr": _ALERTS, "eval_time": f"{time}m"} for time in times],
    }
    file = folder / f"days-{days.incidents[0].begin}.yaml"
    rules = [str(DEPLOY / "rules/bff-anomalies.yaml")]
    file.write_text(yaml.dump({"rule_files": rules, "evaluation_interval": "5m", "tests": [test]}, width=10**9))
    tested = promtool("test", "rules", file)
    assert "Unit Testing" in tested.stdout + tested.stderr, tested.stderr
    return tested.stdout + tested.stderr


def _slots(printed: str) -> dict[int, set[str]]:
    """Returns the signals that fired, by the minute at which their slot begins."""
    found: dict[int, set[str]] = {}
    for match in _FAILED.finditer(printed):
        days, hours, minutes = (int(each or 0) for each in match.group(1, 2, 3))
        found[days * 1440 + hours * 60 + minutes - SLOT_MINUTES] = set(_SIGNAL.findall(match[4]))
    assert all(found.values()), printed[-2000:]
    return found


def _episodes(slots: dict[int, set[str]]) -> list[tuple[int, int, set[str]]]:
    """Returns runs of slots without a slot between them in which nothing fired: begin, end and signals."""
    episodes: list[tuple[int, int, set[str]]] = []
    for begin in sorted(slots):
        if episodes and episodes[-1][1] == begin:
            first, _, signals = episodes.pop()
            episodes.append((first, begin + SLOT_MINUTES, signals | slots[begin]))
        else:
            episodes.append((begin, begin + SLOT_MINUTES, slots[begin]))
    return episodes


def _within(slots: dict[int, set[str]], since: int, until: int) -> set[str]:
    return {
        signal
        for begin, signals in slots.items()
        if begin < until and since < begin + SLOT_MINUTES
        for signal in signals
    }
