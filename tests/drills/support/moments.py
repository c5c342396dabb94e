"""Compares a database that was restored to a moment with what clients were told before and after it."""

from typing import NamedTuple

from tests.drills.support.load import Load
from tests.payments.support.checker import lost, read_stored
from tests.payments.support.snapshots import snapshots_of


class Kept(NamedTuple):
    """Holds numbers of acknowledged posts, comments and payments.

    `overlapping` are those that were sent before the moment and acknowledged after it: they may be there or not.
    """

    before: int
    missing: int
    after: int
    present: int
    overlapping: int
    faults: list[str]


async def kept(url: str, load: Load, moment: float) -> Kept:
    """Compares what is stored with the acknowledgements before and after a moment."""
    async with snapshots_of(url)() as snapshot:
        stored = await read_stored(snapshot)
        rows = await snapshot.fetch("SELECT body FROM posts UNION ALL SELECT body FROM comments")
    bodies = {row["body"] for row in rows}
    paid = {row["key"] for row in stored.keys if (row["subject_owner_id"], row["subject_id"]) in stored.payments}
    answers = [answer for answer in load.book.answers if answer.created_payment]
    there = {**{key: key in bodies for key in (*load.told.posts, *load.told.comments)}}
    there |= {answer.key: answer.key in paid for answer in answers}
    acknowledged, sent = load.record.acknowledged, load.record.sent
    before = [key for key in there if acknowledged[key] < moment]
    after = [key for key in there if sent[key] > moment]
    missing, present = [k for k in before if not there[k]], [k for k in after if there[k]]
    wrong = lost([answer for answer in answers if acknowledged[answer.key] < moment], stored)
    faults = [*(f"acknowledged before, and missing: {key}" for key in missing), *wrong]
    faults += [f"sent after, and there: {key}" for key in present]
    overlapping = len(there) - len(before) - len(after)
    return Kept(len(before), len(missing), len(after), len(present), overlapping, faults)
