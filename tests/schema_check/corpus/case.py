"""Defines a case: a schema change as an edit of `before.graphql`, and the expected findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

BEFORE = (Path(__file__).parent / "before.graphql").read_text()


@dataclass(frozen=True)
class Case:
    """Describes an edit and its findings. `given` edits the earlier schema, too."""

    name: str
    edit: Mapping[str, str]
    changes: list[str]
    """Each has the severity, code, coordinate, member if any, and verdict."""
    broken: str = ""
    affected: str = ""
    because: str = ""
    """The reason why graphql-core, graphql-inspector and this check differ, or empty."""
    given: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def before(self) -> str:
        return _edited(BEFORE, self.given)

    @property
    def after(self) -> str:
        return _edited(self.before, self.edit)


def _edited(text: str, edits: Mapping[str, str]) -> str:
    for old, new in edits.items():
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times"
        text = text.replace(old, new)
    return text
