"""The README's smallest stack is one: the program takes it, and no rule is broken."""

import yaml

from ops.delivery.rendering.rendering import render
from ops.delivery.rendering.stacks import readable
from tests.docs.pages import ROOT, Page


def smallest() -> str:
    (text,) = [
        block.text
        for block in Page(ROOT / "README.md").blocks
        if block.language == "yaml" and block.text.startswith("config:")
    ]
    return text


def test_it_has_at_most_ten_lines():
    assert len(smallest().splitlines()) <= 10


def test_the_program_takes_it_and_no_rule_is_broken():
    done = render("shop", readable(yaml.safe_load(smallest())))
    assert done.diagnostics == ()
    assert [each.rule for each in done.findings if each.mandatory] == []
    assert done.objects
