"""The subjects of mails: one line, in which the names of users are isolated."""

import re

from core import text

MAX_SUBJECT = 200
"""Maximum code points of a subject."""

_BEGINNING, _END = "\u2068", "\u2069"
_ISOLATES = re.compile(f"{_BEGINNING}([^\u2066-\u2069]*){_END}")
"""Isolates with a beginning and an end, and without another isolate between them."""


def subject_line(value: str) -> str | None:
    """Returns one visible line of at most `MAX_SUBJECT` code points; None when nothing is visible.

    Isolates are kept, so that a name does not change the direction of a sentence. Their beginnings and ends without the
    other one are removed. The texts in and between them are changed as `visible_line` does.
    """
    kept, room = list[str](), MAX_SUBJECT
    for position, part in enumerate(_ISOLATES.split(value[: 4 * MAX_SUBJECT])):
        shown = _shown(part)
        marks = (_BEGINNING, _END) if position % 2 and shown.strip() else ("", "")
        room -= len("".join(marks))
        if len(shown) > room:
            cut = text.visible_line(shown, max_length=max(room, 0))
            kept.append(cut.join(marks) if cut else "")
            break
        kept.append(shown.join(marks))
        room -= len(shown)
    return " ".join("".join(kept).split()) or None


def _shown(part: str) -> str:
    """Returns what is visible of a text, with a space where the text begins or ends with space."""
    before, after = (" " if end.isspace() else "" for end in (part[:1], part[-1:]))
    shown = text.visible_line(part, max_length=MAX_SUBJECT)
    return before if shown is None else f"{before}{shown}{after}"
