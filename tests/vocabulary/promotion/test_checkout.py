"""The commit of a checkout, and the papers that lie in it."""

import subprocess

import pytest

from vocabulary.promotion.checkout import FOLDER_VARIABLE, LONGEST, VERDICT, commit, papers, release
from vocabulary.promotion.errors import PaperError
from vocabulary.promotion.release import UNKNOWN


def git(folder, *arguments):
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path):
    git(tmp_path, "init")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


class TestCommit:
    def test_is_the_one_that_is_checked_out(self, checkout):
        assert len(commit(checkout)) == 40

    def test_is_marked_when_a_file_was_changed(self, checkout):
        (checkout / "file").write_text("two")
        assert commit(checkout).endswith("-dirty")

    def test_is_marked_when_a_file_was_added(self, checkout):
        (checkout / "module.py").touch()
        assert commit(checkout).endswith("-dirty")

    def test_is_not_marked_by_what_git_ignores(self, checkout):
        (checkout / ".gitignore").write_text(".promotion/\n")
        git(checkout, "add", ".")
        git(checkout, "commit", "-m", "second")
        (checkout / ".promotion").mkdir()
        (checkout / ".promotion" / VERDICT).touch()
        assert len(commit(checkout)) == 40

    def test_is_unknown_outside_a_checkout(self, tmp_path, monkeypatch):
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        assert commit(tmp_path) == UNKNOWN

    def test_is_unknown_without_git(self, checkout, monkeypatch):
        monkeypatch.setenv("PATH", "/nowhere")
        assert commit(checkout) == UNKNOWN

    def test_is_that_of_the_folder_whatever_the_environment_says(
        self, checkout, tmp_path_factory, monkeypatch
    ):
        other = tmp_path_factory.mktemp("other")
        git(other, "init")
        monkeypatch.setenv("GIT_DIR", str(other / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(other))
        assert len(commit(checkout)) == 40


class TestRelease:
    def test_has_the_same_content_however_it_was_merged(self, checkout):
        (checkout / "file").write_text("two")
        git(checkout, "commit", "-am", "second")
        merged = release("production", folder=checkout)
        git(checkout, "reset", "--soft", "HEAD^")
        git(checkout, "commit", "--amend", "-m", "squashed")
        squashed = release("production", folder=checkout)
        assert merged.commit != squashed.commit
        assert merged.tree == squashed.tree
        assert squashed.is_clean

    def test_has_other_content_when_a_stack_file_differs(self, checkout):
        before = release("production", folder=checkout)
        (checkout / "Pulumi.prod.yaml").write_text("config: {}")
        git(checkout, "add", ".")
        git(checkout, "commit", "-m", "second")
        assert release("production", folder=checkout).tree != before.tree

    def test_with_changes_is_not_clean(self, checkout):
        (checkout / "file").write_text("two")
        assert not release("production", folder=checkout).is_clean

    def test_outside_a_checkout_is_not_clean(self, tmp_path, monkeypatch):
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
        assert not release("production", folder=tmp_path).is_clean

    def test_says_that_nobody_asks_for_papers(self, checkout):
        assert release("production", gated=False, folder=checkout).gate == "off"


class TestPapers:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path, monkeypatch):
        monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))

    def test_are_none_where_nothing_lies(self):
        assert papers() == type(papers())()

    def test_are_the_texts_as_they_are(self, tmp_path):
        (tmp_path / VERDICT).write_text("{}\n")
        assert papers().verdict == "{}\n"

    def test_that_are_too_long_are_refused(self, tmp_path):
        (tmp_path / VERDICT).write_text("x" * (LONGEST + 1))
        with pytest.raises(PaperError, match=r"verdict\.json has more than"):
            papers()

    def test_that_are_no_text_are_refused(self, tmp_path):
        (tmp_path / VERDICT).write_bytes(b"\xff\xfe")
        with pytest.raises(PaperError, match=r"verdict\.json cannot be read"):
            papers()
