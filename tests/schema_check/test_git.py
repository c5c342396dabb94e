"""Tests schemas from git: which commit is the base, that the working tree is untouched, and the errors."""

import shutil
from pathlib import Path

import pytest

from tests.schema_check.support.folder import BEFORE, OPERATIONS, Done, Folder

HEAD = BEFORE.replace("  handle: String\n", "")
USE_BASE = "use --base to choose the schema to compare with"
FETCH = "fetch the full history with 'git fetch --unshallow' (GitHub: 'fetch-depth: 0'; GitLab: 'GIT_DEPTH: 0')"


@pytest.fixture
def repository(folder: Folder) -> Folder:
    """Has a branch `work`, one commit after it left `main`, which has a later commit too.

    Only the working tree removes `handle`.
    """
    folder.git("init", "--quiet", "--initial-branch", "main")
    folder.write("schema.graphql", BEFORE.replace("  fax", "  telex: String\n  fax"))
    folder.write_operations(OPERATIONS)
    folder.commit("long ago")
    folder.write("schema.graphql", BEFORE)
    folder.commit("where work began")
    folder.git("tag", "began")
    folder.git("switch", "--quiet", "--create", "work")
    folder.write("notes", "1")
    folder.commit("work")
    folder.git("switch", "--quiet", "main")
    folder.write("schema.graphql", BEFORE.replace("  fax", "  pager: String\n  fax"))
    folder.commit("main went on")
    folder.git("switch", "--quiet", "work")
    folder.write("after.graphql", HEAD)
    return folder


def check(folder: Folder, *options: str) -> Done:
    return folder.bff("check", "--head", "after.graphql", "--format", "json", *options)


def coordinates(done: Done) -> list[str]:
    return [change["coordinate"] for change in done.json["changes"]]


def clone(of: Folder, to: Path, *options: str) -> Folder:
    of.git("clone", "--quiet", *options, of.path.as_uri(), str(to))
    copy = Folder(to)
    copy.write("after.graphql", HEAD)
    return copy


def test_the_base_is_where_the_branch_left_main_and_the_tree_is_not_touched(repository: Folder) -> None:
    repository.write("schema.graphql", "this is not committed")
    before = (
        repository.git("status", "--porcelain"),
        repository.git("rev-parse", "HEAD"),
        repository.git("stash", "list"),
    )
    done = check(repository)
    assert (done.status, coordinates(done)) == (1, ["User.handle"])
    assert (repository.path / "schema.graphql").read_text() == "this is not committed"
    after = (
        repository.git("status", "--porcelain"),
        repository.git("rev-parse", "HEAD"),
        repository.git("stash", "list"),
    )
    assert after == before


@pytest.mark.parametrize(
    ("base", "found"),
    [
        ("began", ["User.handle"]),
        ("main", ["User.handle", "User.pager"]),
        ("began~1", ["User.handle", "User.telex"]),
        ("began:schema.graphql", ["User.handle"]),
        ("HEAD", ["User.handle"]),
    ],
)
def test_a_base_is_a_branch_a_tag_or_a_commit(repository: Folder, base: str, found: list[str]) -> None:
    assert sorted(coordinates(check(repository, "--base", base))) == found
    commit = repository.git("rev-parse", base.partition(":")[0])
    assert sorted(coordinates(check(repository, "--base", commit))) == found


def test_head_may_be_a_commit_too(repository: Folder) -> None:
    done = repository.bff("check", "--base", "began", "--head", "main", "--format", "json")
    assert coordinates(done) == ["User.pager"]
    annotated = repository.bff("check", "--base", "began", "--head", "main", "--format", "github")
    assert "file=schema.graphql,line=" in annotated.output


@pytest.mark.parametrize("branch", ["main", "master", "trunk"])
def test_in_a_clone_the_main_branch_is_found_whatever_it_is_called(
    repository: Folder, branch: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    repository.git("branch", "--move", "main", branch)
    repository.git("switch", "--quiet", branch)
    copy = clone(repository, tmp_path_factory.mktemp("clone") / "copy")
    copy.git("checkout", "--quiet", "--detach", "origin/work")
    copy.git("branch", "--delete", "--force", branch)
    assert coordinates(check(copy)) == ["User.handle"]


def test_the_branch_that_ci_merges_into_comes_first(repository: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.git("update-ref", "refs/remotes/origin/release", "began~1")
    for name in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"):
        monkeypatch.setenv(name, "release")
        assert sorted(coordinates(check(repository))) == ["User.handle", "User.telex"]
        monkeypatch.delenv(name)


def test_a_folder_in_a_repository_has_its_own_schema(repository: Folder) -> None:
    repository.write("api/schema.graphql", BEFORE)
    repository.commit("a schema below")
    below = Folder(repository.path / "api")
    below.write("after.graphql", HEAD)
    assert coordinates(check(below, "--base", "HEAD")) == ["User.handle"]


def test_without_a_repository_it_says_so(folder: Folder) -> None:
    folder.write("after.graphql", HEAD)
    done = check(folder)
    assert (done.status, done.output) == (2, "")
    said = f"{folder.path} is not in a git repository; {USE_BASE}."
    assert done.errors == f"bff: {said}\n"
    passed = check(folder, "--if-base")
    assert (passed.status, passed.output) == (0, f"schema check skipped: {said}\n")


def test_a_repository_that_git_does_not_read_is_named_as_such(repository: Folder) -> None:
    (repository.path / ".git/HEAD").unlink()
    done = check(repository, "--if-base")
    why = (
        f"git cannot read the repository of {repository.path}: not a git repository (or any of the parent directories)"
    )
    assert (done.status, done.output.startswith(f"schema check skipped: {why}")) == (0, True)


def test_without_a_main_branch_it_says_so(repository: Folder) -> None:
    repository.git("branch", "--move", "main", "other")
    done = check(repository)
    said = f"There is no branch main or master, local or at origin; {USE_BASE}."
    assert (done.status, done.errors) == (2, f"bff: {said}\n")
    assert check(repository, "--if-base").output == f"schema check skipped: {said}\n"


def test_an_unknown_ref_is_named(repository: Folder) -> None:
    for name in ("nowhere", "began;ls", "--output=x", "began:nowhere.graphql"):
        done = check(repository, f"--base={name}")
        assert (done.status, done.output) == (2, "")
        assert name.rpartition(":")[2] in done.errors
    assert check(repository, "--base=nowhere").errors == ("bff: 'nowhere' is not a file, commit, branch or tag.\n")
    assert check(repository, "--base=nowhere.graphql").errors == "bff: There is no file nowhere.graphql.\n"


def test_a_commit_without_the_schema_is_named(repository: Folder) -> None:
    began = repository.git("rev-parse", "began")[:7]
    done = check(repository, "--base", "began", "--schema", "api.graphql")
    assert (done.status, done.errors) == (2, f"bff: api.graphql is not in began ({began}).\n")


def test_a_shallow_clone_says_what_to_fetch(repository: Folder, tmp_path_factory: pytest.TempPathFactory) -> None:
    repository.git("switch", "--quiet", "main")
    options = ["--depth", "1", "--no-single-branch", "--branch", "work"]
    copy = clone(repository, tmp_path_factory.mktemp("clone") / "copy", *options)
    done = check(copy, "--if-base")
    said = f"The clone is shallow and lacks the common commit of HEAD and origin/main; {FETCH}."
    assert (done.status, done.errors) == (2, f"bff: {said}\n")
    copy.git("fetch", "--quiet", "--unshallow")
    assert coordinates(check(copy)) == ["User.handle"]


def test_branches_that_share_nothing_are_named(repository: Folder) -> None:
    repository.git("switch", "--quiet", "--orphan", "other")
    repository.write("after.graphql", HEAD)
    repository.commit("other")
    done = check(repository)
    assert (done.status, done.errors) == (
        2,
        f"bff: HEAD and main have no common commit; {USE_BASE}.\n",
    )


def test_without_git_it_says_so(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("after.graphql", HEAD)
    monkeypatch.setenv("PATH", str(folder.path))
    assert shutil.which("git") is None
    done = check(folder)
    assert (done.status, done.errors) == (2, f"bff: git is not installed; {USE_BASE}.\n")
