"""Docstrings, comments, messages and pages have no banned word, and no docstring opens with a fragment."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.house.test_tree import PACKAGES, python_files

BANNED = re.compile(
    r"\b(somebody|anybody|everybody|nobody|whoever|whomever|foresaw|unforeseen"
    r"|hangs? up|hung up|(set|sets|setting|put|puts) aside|bur(y|ies|ied)"
    r"|doors?|(?<!bench[-./])floors?(?!\(|\.(?:md|json|svg)\b)|(the|a) (schema )?gates?)\b",
    re.IGNORECASE,
)
"""Indefinite persons and metaphors; `docs/glossary.md` has the terms to use. A command and its files keep the name."""

OPENINGS = re.compile(r"(What|Who|Whom|Whose|Whoever|How|Where|Why)\b")
"""Words with which no docstring begins. That of a value that is true or false may begin with Whether."""

OPENINGS_OF_MODULES = re.compile(rf"{OPENINGS.pattern}|(Whether|Of)\b")

PAGES = ["*.md", "docs/**/*.md", "bench/**/*.md", "engine/README.md", "deploy/**/*.md", "examples/*.md", "web/*/*.md"]
HISTORY = {"CHANGELOG.md", "CHANGELOG-schema.md"}
DATA = {Path("services/maintenance/seed/texts.py"), Path("services/security/breached_passwords.py")}
"""Modules that contain words of users."""


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Yields the comments and strings of a module, with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING) or token.type == getattr(tokenize, "FSTRING_MIDDLE", None):
            yield token.start[0], token.string


def banned_in(file: Path) -> list[str]:
    return [
        f"{file}:{line + before.count(chr(10))}: {match[0]}"
        for line, text in prose(file.read_text())
        for match in BANNED.finditer(text)
        for before in [text[: match.start()]]
    ]


def openings_in(file: Path) -> list[str]:
    """Returns the places of docstrings that open with a fragment: of modules, classes, functions and values."""
    module = ast.parse(file.read_text())
    strings = [
        (node.lineno, node.value.value)
        for node in ast.walk(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    found = [(line, match[0]) for line, text in strings if (match := OPENINGS.match(text.lstrip()))]
    if match := OPENINGS_OF_MODULES.match(ast.get_docstring(module) or ""):
        found.append((1, match[0]))
    return [f"{file}:{line}: the docstring opens with {word!r}" for line, word in found]


def page_text(page: Path) -> str:
    """Returns the text of a page without output of commands. The glossary's last column names banned words."""
    text = re.sub(r"^```text\n.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"[^|\n]*\|$", "", text, flags=re.MULTILINE) if page.name == "glossary.md" else text


def test_code_has_no_banned_word(project: Path) -> None:
    files = [file for file in python_files(project) if file.relative_to(project).parts[0] in PACKAGES]
    checked = [file for file in files if file.relative_to(project) not in DATA]
    assert [place for file in checked for place in banned_in(file)] == []


def test_no_docstring_opens_with_a_fragment(project: Path) -> None:
    assert [place for file in python_files(project) for place in openings_in(file)] == []


def test_pages_have_no_banned_word(project: Path) -> None:
    pages = {page for pattern in PAGES for page in project.glob(pattern) if page.name not in HISTORY}
    found = [
        f"{page.relative_to(project)}: {match[0]}"
        for page in sorted(pages)
        if "node_modules" not in page.parts
        for match in BANNED.finditer(page_text(page))
    ]
    assert found == []
