"""Operations that were invalid before the change: errors, unless an approval covers them."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from schema_check.approvals import Approval
from schema_check.manifests import ANONYMOUS
from schema_check.operations.validity import Fault, Validity
from schema_check.senders import Sender, Senders

CODE = "OPERATION_INVALID"


class Invalid(NamedTuple):
    """One sentence for each operation."""

    errors: list[str]
    warnings: list[str]
    """Of those that an approval covers."""


def find_invalid(senders: Senders, validity: Validity, approvals: Sequence[Approval], today: date) -> Invalid:
    made = Invalid([], [])
    valid = [each for each in approvals if today <= each.expires]
    by_number: dict[int, list[Sender]] = {}
    for sender in senders.live:
        by_number.setdefault(sender.number, []).append(sender)
    for number, faults in sorted(validity.invalid_before.items()):
        if number not in by_number:
            continue
        users = by_number[number]
        who = _who(users)
        covers = [_covering(valid, fault, users) for fault in faults]
        uncovered = [fault for fault, cover in zip(faults, covers, strict=True) if cover is None]
        if uncovered:
            more = f" And {len(uncovered) - 1} more faults." if len(uncovered) > 1 else ""
            why = f"{who} was invalid before this change: {uncovered[0].message}{more}"
            made.errors.append(f"{senders.files.get(users[0], '')}: {why}")
        elif covers[0]:
            made.warnings.append(f"{who} is invalid; approved until {covers[0].expires}: {covers[0].reason}")
    return made


def _who(users: Sequence[Sender]) -> str:
    first = users[0]
    more = f" (and of {len(users) - 1} more versions)" if len(users) > 1 else ""
    return f"{first.app.app} {first.app.version} {first.name or ANONYMOUS}{more}"


def _covering(approvals: Sequence[Approval], fault: Fault, users: Sequence[Sender]) -> Approval | None:
    names = {sender.name or ANONYMOUS for sender in users}
    return next(
        (
            each
            for each in approvals
            if each.code in ("", CODE)
            and (each.operation in names if each.operation else each.coordinate in fault.coordinates)
        ),
        None,
    )
