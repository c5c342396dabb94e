"""Compares what the providers have taken with what was due, and explains what they have taken twice."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from tests.notifications.support.campaign.book import Key, Taken

_FINAL = {"SENT", "DEAD", "REJECTED"}
_SHARE_OF_DEADLINE = 0.7
"""The share of a call's deadline after which a worker may have given the call up: that of the HTTP client, rounded."""


class Recorded(NamedTuple):
    """A state of a delivery that a worker recorded, with its time."""

    state: str
    at: float


class Kill(NamedTuple):
    worker: int
    at: float


class Why(StrEnum):
    """The reasons for which a message may be sent again after the provider had taken it."""

    KILLED = "the worker was killed before it recorded the answer"
    LOST = "the answer was lost: the provider cut the connection or was silent"
    LATE = "the answer came after the deadline of the call"


class Evidence(NamedTuple):
    """Holds what the campaign has seen. `call_deadline` is in seconds; `tokens` are those left in the table."""

    due: Sequence[Key]
    dead: frozenset[str]
    taken: Sequence[Taken]
    recorded: Mapping[Key, Sequence[Recorded]]
    kills: Sequence[Kill]
    tokens: frozenset[str]
    dead_jobs: Sequence[str]
    call_deadline: float


class Verdict(NamedTuple):
    """Holds the numbers of messages that were sent again, by reason and channel, and the faults by kind."""

    again: Counter[tuple[Why, str]]
    faults: Mapping[str, list[str]]


def judge(evidence: Evidence) -> Verdict:
    """Returns what was sent again for a good reason, and all faults."""
    taken: dict[Key, list[Taken]] = defaultdict(list)
    for each in evidence.taken:
        taken[each.key].append(each)
    again, doubled = Counter[tuple[Why, str]](), list[str]()
    for key, each in taken.items():
        for first, second in pairwise(sorted(each, key=lambda found: found.at)):
            why = _why(first, second, evidence.recorded.get(key, ()), evidence)
            if why is None:
                doubled.append(f"{first.channel} {key}: taken at {first.at:.3f} and {second.at:.3f}")
            else:
                again[why, first.channel] += 1
    due = set(evidence.due)
    tokens = {key.address for key in due if "@" not in key.address}
    faults = {
        "lost": [str(key) for key in due if key not in taken],
        "doubled": doubled,
        "not due": [str(key) for key in taken if key not in due],
        "recorded wrongly": _wrong_states(evidence),
        "dead tokens kept": sorted(evidence.dead & evidence.tokens),
        "tokens deleted": sorted(tokens - evidence.dead - evidence.tokens),
        "dead letters": list(evidence.dead_jobs),
    }
    return Verdict(again, faults)


def _why(first: Taken, second: Taken, recorded: Sequence[Recorded], evidence: Evidence) -> Why | None:
    """Returns why a message was sent again. None if there is no reason that the design permits."""
    between = [each for each in recorded if first.at < each.at < second.at]
    if any(each.state in _FINAL for each in between):
        return None
    if first.lost_at is not None and first.lost_at <= second.at:
        return Why.LOST
    began_at = max((each.at for each in recorded if each.state == "SENDING" and each.at <= first.at), default=first.at)
    if any(kill.worker == first.worker and began_at <= kill.at <= second.at for kill in evidence.kills):
        return Why.KILLED
    gave_up = [each.at for each in between if each.state == "LATER"]
    if gave_up and gave_up[0] - began_at >= _SHARE_OF_DEADLINE * evidence.call_deadline:
        return Why.LATE
    return None


def _wrong_states(evidence: Evidence) -> list[str]:
    """Returns the messages whose last recorded state is not the one that the provider has seen."""
    wrong: list[str] = []
    for key in evidence.due:
        recorded = evidence.recorded.get(key, ())
        last = recorded[-1].state if recorded else "none"
        if last != ("DEAD" if key.address in evidence.dead else "SENT"):
            wrong.append(f"{key}: {last}")
    return wrong
