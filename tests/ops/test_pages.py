"""The page of the documents agrees with the models it is written from; so a change is seen."""

from ops.cli import cli
from ops.pages import page
from ops.reference import documents
from sandbox.folder import CHECKOUT

PAGE = CHECKOUT / "docs" / "ops-json.md"


def test_the_committed_page_is_the_current_one():
    assert PAGE.read_text() == page(), "run `make docs`"


def test_every_document_says_its_name_and_version():
    for name, (kind, _) in documents(cli).items():
        assert kind.model_fields["document"].default.startswith(f"{name}/")


def test_no_two_have_the_same_name():
    kinds = {kind for kind, _ in documents(cli).values()}
    assert len(kinds) == len(documents(cli))


def test_a_document_names_every_command_that_prints_it():
    assert set(documents(cli)["changes"][1]) == {
        "gitops suspend", "gitops resume", "chaos run", "chaos mesh-fault",
    }  # fmt: skip
