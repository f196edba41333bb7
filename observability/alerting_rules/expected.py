"""Alerts that experiments must set off: each of them is among the rules, or it could never fire."""

from collections.abc import Iterator

from observability.alerting_rules.stack import groups
from settings.calendar import experiments
from settings.monitored import Monitored
from settings.problems import Problem, listed, nearest


def check_expected_alerts(stack: Monitored) -> Iterator[Problem]:
    """Nothing is said where the rules are not the stack's: what they are is not known then."""
    rules, chaos = stack.observability.rules, stack.chaos
    expecting = [
        (experiment.path, scheduled.expected_alert)
        for experiment, scheduled in zip(experiments(chaos), chaos.recurring, strict=True)
        if scheduled.expected_alert is not None
    ]
    if not expecting or not stack.observability.install or rules.delivery == "none":
        return
    alerts = (alert for group in groups(stack) for alert in group.alerts)
    # What is of no severity fires always, as the watchdog.
    known = {alert.name for alert in alerts if alert.severity != "none"} | {*rules.elsewhere}
    for path, name in expecting:
        if name not in known:
            yield Problem(
                (*path, "expectedAlert"),
                f"no rule of the stack makes such an alert{nearest(name, known)}",
                f"one of {listed(known)}; or one that others' rules make, named in "
                "observability.rules.elsewhere",
                name,
            )
