"""The messages that the sandbox's page explains are those that the sandbox gives."""

import re

import pytest

from tests.docs.pages import ROOT, Page

TABLE = Page(ROOT / "docs" / "sandbox.md").text.partition("## When something goes wrong")[2]
MESSAGES = re.findall(r"^\| `([^`]+)`", TABLE.partition("\n## ")[0], re.MULTILINE)
SOURCES = "\n".join(path.read_text() for path in (ROOT / "sandbox").rglob("*.py"))


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_given(message):
    words = re.escape(message.removesuffix(" ..."))
    assert re.search(re.sub(r"\b[A-Z]+\b(?!\w)", r"\\{[^}]+\\}", words), SOURCES)


def test_the_table_has_messages():
    assert len(MESSAGES) > len("few")
