"""Names of classes are unique, so that a search for one finds one thing."""

import ast
from collections import defaultdict
from pathlib import Path

from tests.house.test_tree import PACKAGES

EXEMPT = {"migrations", "bench"}
"""Each migration has a class `Migration`, by which Tortoise finds it. Each measurement is a program of its own."""


def test_no_two_public_classes_share_a_name(project: Path) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for package in sorted(set(PACKAGES) - EXEMPT):
        for file in sorted((project / package).rglob("*.py")):
            for node in ast.parse(file.read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(str(file.relative_to(project)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
