"""The checker of the campaign explains messages that were sent again, and reports faults."""

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.notifications.support.campaign.book import Key, Taken
from tests.notifications.support.campaign.checker import Evidence, Kill, Recorded, Why, judge

KEY = Key("token:1", "a-notification")
BEGUN = Recorded("SENDING", 9)
SENT = Recorded("SENT", 21)


def taken(at: float, lost_at: float | None = None) -> Taken:
    return Taken(KEY, "FCM", 1, "a connection", is_dead=False, at=at, lost_at=lost_at)


def evidence(first: Taken, between: Sequence[Recorded] = (), kills: Sequence[Kill] = ()) -> Evidence:
    """Returns the evidence of a message that was taken at 10 and again at 20."""
    recorded = {KEY: [BEGUN, *between, SENT]}
    tokens = frozenset({KEY.address})
    return Evidence([KEY], frozenset(), [first, taken(20)], recorded, kills, tokens, [], call_deadline=3)


@pytest.mark.parametrize(
    ("why", "given"),
    [
        (Why.KILLED, evidence(taken(10), kills=[Kill(1, 9.5)])),
        (Why.KILLED, evidence(taken(10), kills=[Kill(1, 15)])),
        (Why.LOST, evidence(taken(10, lost_at=11))),
        (Why.LATE, evidence(taken(10), [Recorded("LATER", 12.1)])),
    ],
    ids=["killed before it was taken", "killed later", "lost", "late"],
)
def test_a_message_may_be_sent_again_for_these_reasons(why: Why, given: Evidence) -> None:
    verdict = judge(given)
    assert verdict.again == Counter({(why, "FCM"): 1})
    assert not any(verdict.faults.values())


@pytest.mark.parametrize(
    "given",
    [
        evidence(taken(10)),
        evidence(taken(10), kills=[Kill(2, 15)]),
        evidence(taken(10), kills=[Kill(1, 8.9), Kill(1, 20.1)]),
        evidence(taken(10), [Recorded("SENT", 11)], [Kill(1, 15)]),
        evidence(taken(10, lost_at=11), [Recorded("SENT", 12)]),
        evidence(taken(10), [Recorded("LATER", 10.5)]),
    ],
    ids=["no reason", "another worker", "another time", "recorded, killed", "recorded, lost", "too early"],
)
def test_a_message_that_is_sent_again_otherwise_is_a_fault(given: Evidence) -> None:
    verdict = judge(given)
    assert [kind for kind, faults in verdict.faults.items() if faults] == ["doubled"]
    assert not verdict.again


@pytest.mark.parametrize(
    ("kinds", "change"),
    [
        (["lost"], {"taken": []}),
        (["not due"], {"due": []}),
        (["recorded wrongly"], {"recorded": {KEY: [BEGUN]}}),
        (["recorded wrongly", "dead tokens kept"], {"dead": frozenset({KEY.address})}),
        (["tokens deleted"], {"tokens": frozenset[str]()}),
        (["dead letters"], {"dead_jobs": ["an error"]}),
    ],
    ids=["lost", "not due", "recorded wrongly", "dead token", "deleted", "dead letter"],
)
def test_other_faults_are_found(kinds: list[str], change: dict[str, object]) -> None:
    given = evidence(taken(10))._replace(taken=[taken(10)])
    assert not any(judge(given).faults.values())
    found = judge(given._replace(**change)).faults  # type: ignore[arg-type] - fields of several types
    assert [kind for kind, faults in found.items() if faults] == kinds
