"""The page of the campaign's results."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from platform import python_version
from typing import NamedTuple

from tests.notifications.support.campaign.book import Behaviour
from tests.notifications.support.campaign.checker import Evidence, Verdict, Why
from tests.notifications.support.campaign.scale import Scale
from tests.notifications.support.campaign.world import ONE_DEAD_IN


class Outcome(NamedTuple):
    """Holds what happened in a campaign. The times are in seconds: until the last kill, and until all jobs are done."""

    scale: Scale
    evidence: Evidence
    behaviours: Counter[tuple[str, Behaviour]]
    verdict: Verdict
    killing: float
    delivering: float

    @property
    def all_faults(self) -> list[str]:
        return [f"{kind}: {fault}" for kind, faults in self.verdict.faults.items() for fault in faults]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {number:,}" for name, number in sorted(counts.items())) or "none"


def _by_channel(outcome: Outcome, why: Why) -> str:
    numbers = {channel: number for (found, channel), number in outcome.verdict.again.items() if found is why}
    return f"**{sum(numbers.values()):,}** ({_listed(numbers)})"


def _rows(outcome: Outcome) -> dict[str, str]:
    evidence, scale = outcome.evidence, outcome.scale
    accepted = [taken for taken in evidence.taken if not taken.is_dead]
    failed = Counter[str]()
    for (_, behaviour), number in outcome.behaviours.items():
        if behaviour is not Behaviour.ANSWERS:
            failed[behaviour] += number
    return {
        "users": f"{scale.people:,}",
        "messages due": f"{len(evidence.due):,}",
        "requests of providers": _listed(_requests(outcome.behaviours)),
        "messages accepted": _listed(Counter(taken.channel for taken in accepted)),
        "of these, different ones": f"{len({taken.key for taken in accepted}):,}",
        "failures of providers": _listed(failed),
        "`kill -9` of workers": f"{len(evidence.kills)}",
        "time until the last kill": f"{outcome.killing:.0f} s",
        "from then until all jobs were done": f"{outcome.delivering:.0f} s",
        "dead tokens that were deleted": f"{len(evidence.dead - evidence.tokens):,}",
        **{f"sent again because {why}": _by_channel(outcome, why) for why in Why},
        **{f"faults: {kind}": f"{len(faults)}" for kind, faults in outcome.verdict.faults.items()},
        "**all faults**": f"**{len(outcome.all_faults)}**",
    }


def _requests(behaviours: Mapping[tuple[str, Behaviour], int]) -> Counter[str]:
    requests = Counter[str]()
    for (channel, _), number in behaviours.items():
        requests[channel] += number
    return requests


def page(outcome: Outcome) -> str:
    scale = outcome.scale
    table = "\n".join(f"| {name} | {value} |" for name, value in _rows(outcome).items())
    return f"""# Deliveries while workers are killed

Written by `make campaign-delivery` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}, seed {scale.seed}.

Each user has a phone, half of them with APNs and half with FCM. Half of the users have a second phone, and the others
want mails. All of them have a notification that is due at once. {scale.workers} `bff worker` deliver them from
PostgreSQL. Meanwhile they are killed with -9 after each equal part of the messages, at random moments, and restarted.

APNs, FCM and the mail server are real servers on this machine, with HTTP/2 and TLS, HTTP, and SMTP with STARTTLS. They
take a message and answer up to 50 ms later. Sometimes they answer 429 with `Retry-After` or 503 (not the mail server),
do not answer at all, or cut the connection, before or after they have taken the message. A cut of APNs ends all
requests on the connection. One phone in {ONE_DEAD_IN} has a dead token. At the end, users with such a phone have a
second notification.

The deadlines are shorter than the defaults, so that the run ends soon: `BFF_WORK_DEADLINE` is {scale.work_deadline:g}
s, so jobs of a killed worker run again after {scale.lease:g} s, and a call ends after {scale.call_deadline:g} s. The
mail server never asks for a pause of five minutes (a status 4xx to a recipient). A trigger logs each recorded state of
a delivery with its time. This log and the links in the messages, which name the worker, show why a message was sent
again.

Faults, by kind:

- **lost**: a message that is due, and that no provider has taken
- **doubled**: a message that was taken again, unless the first answer was not recorded, and its worker was killed
  between the record before the call and the second request, or the provider lost the answer, or the worker recorded
  that its deadline had passed
- **not due**: a message that is not due, such as one to a token that was dead before the notification
- **recorded wrongly**: a delivery whose last state is not `SENT`, or not `DEAD` for a dead token
- **dead tokens kept**, **tokens deleted**: a dead token that is still registered, or another one that is not
- **dead letters**: a job that was given up

| | |
|---|---|
{table}
"""
