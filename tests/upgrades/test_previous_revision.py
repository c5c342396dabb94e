"""Tests that `previous-revision` names the last release, or an earlier revision as long as no release has a tag."""

import subprocess
from pathlib import Path

from tests.upgrades.support.releases import PREVIOUS, PROJECT, skip_without_revision

ANCESTOR, NO_ANCESTOR = 0, 1


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def last_releases(folder: Path) -> set[str]:
    """Returns the revision of the last tag before HEAD, and that of HEAD itself, if it has a tag.

    A release has the revision of the one before it. The next commit replaces that one.
    """
    tags = [git(folder, "describe", "--tags", "--abbrev=0", revision) for revision in ("HEAD", "HEAD^")]
    names = [found.stdout.strip() for found in tags if found.returncode == 0]
    return {git(folder, "rev-list", "-n", "1", name).stdout.strip() for name in names}


def test_the_previous_revision_is_an_ancestor_of_this_one() -> None:
    found = git(PROJECT, "merge-base", "--is-ancestor", PREVIOUS, "HEAD")
    if found.returncode not in (ANCESTOR, NO_ANCESTOR):
        skip_without_revision(found.stderr)
    assert found.returncode == ANCESTOR


def test_the_previous_revision_is_the_last_release_if_releases_have_tags() -> None:
    releases = last_releases(PROJECT)
    assert not releases or PREVIOUS in releases


def test_the_last_release_is_that_of_the_last_tag(tmp_path: Path) -> None:
    git(tmp_path, "init")
    found = []
    for tag in ("", "v1", "", "", "v2"):
        git(tmp_path, "commit", "--allow-empty", "-m", "A commit")
        if tag:
            git(tmp_path, "tag", tag)
        found.append(last_releases(tmp_path))
    revisions = git(tmp_path, "rev-list", "--reverse", "HEAD").stdout.split()
    assert found == [set(), {revisions[1]}, {revisions[1]}, {revisions[1]}, {revisions[1], revisions[4]}]
