"""One change of a schema, as an edit of `before.graphql`, and what has to be found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

BEFORE = (Path(__file__).parent / "before.graphql").read_text()


@dataclass(frozen=True)
class Case:
    """`given` edits what is before as well; names of operations are those of `operations.graphql`."""

    name: str
    edit: Mapping[str, str]
    changes: list[str]
    """Level, code, coordinate, member where there is one; and the verdict."""
    broken: str = ""
    affected: str = ""
    because: str = ""
    """Why graphql-core, graphql-inspector and we do not all say the same."""
    given: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def before(self) -> str:
        return _edited(BEFORE, self.given)

    @property
    def after(self) -> str:
        return _edited(self.before, self.edit)


def _edited(text: str, edits: Mapping[str, str]) -> str:
    for old, new in edits.items():
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return text
