"""What git knows, read without touching the working tree."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from schema_check.errors import SchemaCheckError

SECONDS = 60
BRANCHES = ("origin/main", "main", "origin/master", "master")
DEEPER = "fetch all of it with 'git fetch --unshallow' (GitHub: 'fetch-depth: 0'; GitLab: 'GIT_DEPTH: 0')"


class GitError(SchemaCheckError):
    """Why git could not say, and what to do, in one sentence."""


class MissingBase(GitError):
    """There is nothing to compare with: no repository, or no main branch in it."""


class Revision(NamedTuple):
    """A commit, and how it was asked for."""

    commit: str
    name: str


class Git:
    """The repository around a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        done = self._run("rev-parse", "--git-dir")
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().partition("\n")[0].removeprefix("fatal: ")
            there = any((each / ".git").exists() for each in (folder, *folder.parents))
            why = (
                f"git cannot read the repository of {folder}: {said}" if there else f"{folder} is in no git repository"
            )
            raise MissingBase(f"{why}; say with --base what to compare with.")

    def merge_base(self, wanted: Sequence[str] = ()) -> Revision:
        """Where the current commit left the main branch, which is one of those wanted, or found by its name."""
        branch = self._main_branch(wanted)
        found = self._ask("merge-base", "HEAD", branch)
        if found is None and self._is_shallow():
            raise GitError(f"The clone is shallow and holds no commit that HEAD and {branch} share; {DEEPER}.")
        if found is None:
            raise GitError(f"HEAD and {branch} share no commit; say with --base what to compare with.")
        return Revision(found.strip(), branch)

    def revision(self, name: str) -> Revision:
        found = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if found is None:
            more = f"; the clone is shallow: {DEEPER}" if self._is_shallow() else ""
            raise GitError(f"{name!r} is neither a file nor a commit, branch or tag that git knows{more}.")
        return Revision(found.strip(), name)

    def read(self, revision: Revision, path: str) -> str:
        """A file as it was; its path is seen from the folder."""
        found = self._ask("show", f"{revision.commit}:{path if path.startswith('/') else f'./{path}'}")
        if found is None:
            raise GitError(f"{path} is not in {revision.name} ({revision.commit[:7]}).")
        return found

    def _main_branch(self, wanted: Sequence[str]) -> str:
        head = (self._ask("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD") or "").strip()
        for name in [*wanted, head, *BRANCHES]:
            if name and self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"):
                return name
        more = f"; the clone is shallow: {DEEPER}" if self._is_shallow() else ""
        raise MissingBase(
            f"There is no branch main or master, here or at origin; say with --base what to compare with{more}."
        )

    def _is_shallow(self) -> bool:
        return (self._ask("rev-parse", "--is-shallow-repository") or "").strip() == "true"

    def _ask(self, *arguments: str) -> str | None:
        """What git prints; None when it fails."""
        done = self._run(*arguments)
        return None if done.returncode else done.stdout.decode("utf-8-sig", errors="replace")

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 - arguments are separate words, and names follow --end-of-options
                ["git", *arguments],  # noqa: S607 - whichever git is in the path
                cwd=self._folder,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise MissingBase("git is not installed; say with --base what to compare with.") from None
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]} gave no answer in {SECONDS} seconds.") from None
