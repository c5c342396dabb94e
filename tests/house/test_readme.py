"""The README, and links and commands of all pages, are true."""

import json
import re
from pathlib import Path

import pytest

from cli.main import main
from tests.support.client import Client


def block(text: str, language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


async def test_the_query_gets_the_answer_that_is_printed(client: Client, project: Path) -> None:
    text = (project / "README.md").read_text()
    assert await client.ask(block(text, "graphql"), as_="ana") == json.loads(block(text, "json"))


def test_its_commands_are_there(project: Path) -> None:
    commands = re.findall(r"^\$ make (\w+)", (project / "README.md").read_text(), re.MULTILINE)
    assert commands == ["dev", "test"]
    makefile = (project / "Makefile").read_text()
    for command in commands:
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)


def test_figures_of_performance_are_those_of_the_linked_pages(project: Path) -> None:
    section = (project / "README.md").read_text().split("\n## Performance\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| \[[^]]+\]\(([^)]+)\) \|$", section, re.MULTILINE)
    assert len(rows) > 10
    missing = [
        f"{measurement}: {figure} is not in {page}"
        for measurement, result, page in rows
        for figure in re.findall(r"\d[\d,.]*\d|\d", result)
        if not re.search(rf"(?<![\d.,]){re.escape(figure)}(?!\d|[.,]\d)", (project / page).read_text())
    ]
    assert missing == []


def test_links_of_every_page_lead_somewhere(project: Path) -> None:
    pages = [*project.glob("*.md"), *(project / "docs").rglob("*.md")]
    links = re.compile(r"\]\(([^)#]+)|^\[[^]]+\]: (\S+)", re.MULTILINE)
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in ("".join(found) for found in links.findall(page.read_text()))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_names_of_pages_are_in_the_files_that_they_link(project: Path) -> None:
    """Checks texts such as "`create_app` in [`gateway/app.py`](../gateway/app.py)"."""
    pages = [project / "README.md", project / "CONTRIBUTING.md", *(project / "docs").rglob("*.md")]
    named = re.compile(r"`([\w.]+)`\s+(?:in|of|from)\s+\[`[^]]*`\]\(([^)#]+\.py)\)")
    found = [(page, match) for page in pages for match in named.finditer(page.read_text())]
    assert len(found) > 30
    missing = [
        f"{page.name}: {match[1]} is not in {match[2]}"
        for page, match in found
        if match[1].rpartition(".")[2] not in (page.parent / match[2]).read_text()
    ]
    assert missing == []


def test_commands_that_pages_name_are_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = [project / "README.md", project / "CONTRIBUTING.md", *(project / "docs").rglob("*.md")]
    named = re.compile(r"(?:^\$ |^|`)bff ([a-z]+)(?: ([a-z][a-z-]*))?", re.MULTILINE)
    found = {(each[1], each[2] or "") for page in pages for each in named.finditer(page.read_text())}
    assert {("documents", "import"), ("events", "replay"), ("serve", "")} <= found
    missing = [f"{command} {action}" for command, action in sorted(found) if not _takes(command, action, capsys)]
    assert missing == []


def _takes(command: str, action: str, capsys: pytest.CaptureFixture[str]) -> bool:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    told = capsys.readouterr().out
    listed = re.search(r"\{([a-z,-]+)\}", told)
    actions = listed[1].split(",") if listed else re.findall(r"^    ([a-z]+)\b", told, re.MULTILINE)
    return ended.value.code == 0 and (not action or action in actions)


def test_the_map_has_every_folder(project: Path) -> None:
    text = (project / "README.md").read_text()
    folders = {folder.name for folder in project.iterdir() if folder.is_dir() and not folder.name.startswith(".")}
    assert {name for name in folders if not name.endswith(".egg-info") and f"[`{name}/`]" not in text} == set()
