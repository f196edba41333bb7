"""The page of the alerts."""

from observability.alerting_rules.pages import PAGE, tables
from observability.alerting_rules.stack import groups
from settings.manual import fill
from tests.monitoring.stack import stack


def test_the_committed_page_is_that_of_the_rules():
    committed = PAGE.read_text(encoding="utf-8")
    assert committed == fill(committed, tables()), "run `make docs`"
    assert all(table in committed for table in tables().values())


def test_every_alert_of_a_real_stack_is_on_it():
    text = PAGE.read_text(encoding="utf-8")
    for group in groups(stack()):
        for alert in group.alerts:
            assert f"[{alert.name}](runbook.md#{alert.name.lower()})" in text


def test_no_template_is_left_in_it():
    assert "{{" not in PAGE.read_text(encoding="utf-8")
