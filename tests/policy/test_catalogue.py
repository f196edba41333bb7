"""One rule, one file, one test, one page, one id."""

from pathlib import Path

import pytest

from policy.cel import Check
from policy.config import RuleConfig
from policy.enforcement import enforcements
from policy.pages import FAMILIES, FOLDER, limit_rows, pages
from policy.rules import all_rules
from policy.stack import stack_configuration
from sandbox.folder import CHECKOUT
from tests.policy.views import load
from tests.program.stacks import configuration

RULES = {rule.id: rule for rule in all_rules()}
HEADINGS = ("What it checks", "Why", "Configuration", "How to comply", "How to exempt")
each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))


def ids(folder: Path, pattern: str, prefix: str = "") -> set[str]:
    return {
        path.stem.removeprefix(prefix).replace("_", "-")
        for path in folder.glob(pattern)
        if path.stem not in ("__init__", "index")
    }


def test_files_tests_and_pages_are_those_of_the_rules():
    assert set(RULES) == ids(CHECKOUT / "policy/rules", "*.py")
    assert set(RULES) == ids(CHECKOUT / "tests/policy/rules", "test_*.py", "test_")
    assert set(RULES) == ids(CHECKOUT / "docs/policies", "*.md")


def test_the_readme_counts_them():
    assert f"{len(RULES)} safety rules" in (CHECKOUT / "README.md").read_text()


def test_ids_are_unique():
    assert len(all_rules()) == len(RULES)


@each_rule
def test_a_file_is_named_after_its_rule(rule):
    file = Path(rule.check.__code__.co_filename)
    assert file.stem.replace("_", "-") == rule.id


@pytest.mark.parametrize("name", pages())
def test_a_page_says_what_the_rule_says(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], (
        "run: python -m policy.pages"
    )


@each_rule
def test_a_page_has_the_fixed_headings_in_order(rule):
    lines = (FOLDER / f"{rule.id}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {rule.id}"
    assert [line[3:] for line in lines if line.startswith("## ")] == list(HEADINGS)


@each_rule
def test_a_rule_says_everything_about_itself(rule):
    assert rule.family in FAMILIES
    assert rule.summary.endswith(".")
    assert rule.reason.endswith(".")
    assert rule.fix.endswith(".")
    assert rule.check.__doc__
    assert load(rule.example)


@each_rule
def test_limits_have_safe_defaults_and_descriptions(rule):
    assert issubclass(rule.config, RuleConfig)
    rule.config()
    for name, field in rule.config.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name
    for row in limit_rows(rule.config):
        assert row.count("|") >= 5


@each_rule
def test_a_rule_that_the_cluster_enforces_says_how(rule):
    if rule.admission:
        assert rule.admission.__doc__
        checks = list(rule.admission(rule.config()))
        assert all(isinstance(check, Check) and check.validations for check in checks)
        names = [check.name for check in checks]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("stack", ["sandbox", "staging", "prod"])
def test_the_configuration_of_a_stack_fits_the_rules(stack):
    configured = enforcements(stack_configuration(stack, configuration(stack)))
    assert {enforcement.rule.id for enforcement in configured} == set(RULES)


def test_production_lowers_no_rule():
    levels = {
        e.level.value for e in enforcements(stack_configuration("prod", configuration("prod")))
    }
    assert levels == {"mandatory"}
