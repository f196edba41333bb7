"""The page of the documents agrees with the models it is written from; so a change is seen."""

from ops.pages import page
from ops.reference import COMMANDS, DOCUMENTS
from sandbox.folder import CHECKOUT

PAGE = CHECKOUT / "docs" / "ops-json.md"


def test_the_committed_page_is_the_current_one():
    assert PAGE.read_text() == page(), "run `make docs`"


def test_every_document_says_its_name_and_version():
    for name, kind in DOCUMENTS.items():
        assert kind.model_fields["document"].default.startswith(f"{name}/")


def test_no_two_have_the_same_name():
    assert len(DOCUMENTS) == len(COMMANDS) == len(set(DOCUMENTS.values()))
