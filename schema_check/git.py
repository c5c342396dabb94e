"""Reads commits with git, without touching the working tree."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from schema_check.errors import SchemaCheckError

SECONDS = 60
BRANCHES = ("origin/main", "main", "origin/master", "master")
UNSHALLOW = "fetch the full history with 'git fetch --unshallow' (GitHub: 'fetch-depth: 0'; GitLab: 'GIT_DEPTH: 0')"
USE_BASE = "use --base to choose the schema to compare with"


class GitError(SchemaCheckError):
    """Raised when git fails. Its message names the remedy, in one sentence."""


class MissingBase(GitError):
    """Raised when there is no schema to compare with: no repository, or no main branch."""


class Revision(NamedTuple):
    """Holds the hash of a commit and the name by which it was requested."""

    commit: str
    name: str


class Git:
    """Reads the repository that contains a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        process = self._run("rev-parse", "--git-dir")
        if process.returncode:
            message = process.stderr.decode(errors="replace").strip().partition("\n")[0].removeprefix("fatal: ")
            if any((parent / ".git").exists() for parent in (folder, *folder.parents)):
                raise MissingBase(f"git cannot read the repository of {folder}: {message}; {USE_BASE}.")
            raise MissingBase(f"{folder} is not in a git repository; {USE_BASE}.")

    def merge_base(self, branches: Sequence[str] = ()) -> Revision:
        """Returns the commit where HEAD branched off the main branch: the first of the branches, else by its name."""
        branch = self._main_branch(branches)
        commit = self._output("merge-base", "HEAD", branch)
        if commit is None and self._is_shallow():
            raise GitError(f"The clone is shallow and lacks the common commit of HEAD and {branch}; {UNSHALLOW}.")
        if commit is None:
            raise GitError(f"HEAD and {branch} have no common commit; {USE_BASE}.")
        return Revision(commit.strip(), branch)

    def revision(self, name: str) -> Revision:
        """Returns the commit that a hash, branch or tag names. Raises `GitError` for an unknown one."""
        commit = self._output("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if commit is None:
            more = f"; the clone is shallow: {UNSHALLOW}" if self._is_shallow() else ""
            raise GitError(f"{name!r} is not a file, commit, branch or tag{more}.")
        return Revision(commit.strip(), name)

    def read(self, revision: Revision, path: str) -> str:
        """Returns the text of a file in a commit. The path is relative to the folder."""
        text = self._output("show", f"{revision.commit}:{path if path.startswith('/') else f'./{path}'}")
        if text is None:
            raise GitError(f"{path} is not in {revision.name} ({revision.commit[:7]}).")
        return text

    def _main_branch(self, branches: Sequence[str]) -> str:
        head = (self._output("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD") or "").strip()
        for name in [*branches, head, *BRANCHES]:
            if name and self._output("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"):
                return name
        more = f"; the clone is shallow: {UNSHALLOW}" if self._is_shallow() else ""
        raise MissingBase(f"There is no branch main or master, local or at origin; {USE_BASE}{more}.")

    def _is_shallow(self) -> bool:
        return (self._output("rev-parse", "--is-shallow-repository") or "").strip() == "true"

    def _output(self, *arguments: str) -> str | None:
        """Returns the output of git, or None when it fails."""
        process = self._run(*arguments)
        return None if process.returncode else process.stdout.decode("utf-8-sig", errors="replace")

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 - arguments are separate words, and names follow --end-of-options
                ["git", *arguments],  # noqa: S607 - the git of PATH is intended
                cwd=self._folder,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise MissingBase(f"git is not installed; {USE_BASE}.") from None
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]} did not finish within {SECONDS} seconds.") from None
