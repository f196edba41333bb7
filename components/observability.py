"""Boards for Grafana, rules and targets for Prometheus, all from the stack's configuration.

What boards and rules hold is the concern of `dashboards` and `alerting_rules`; here it is put where
Grafana and Prometheus look.
"""

import pulumi
import yaml
from pulumi_kubernetes.core.v1 import ConfigMap

from components.objects import TOKEN, custom_resource, metadata, namespace
from components.pod_monitors import pod_monitors
from observability.alerting_rules.inhibition import alertmanager_config
from observability.alerting_rules.stack import groups, rule_file
from observability.dashboards.stack import boards
from settings.monitored import Monitored
from settings.observability import Dashboards
from vocabulary.boards import uid
from vocabulary.kinds import ALERTMANAGER_CONFIG, GRAFANA_DASHBOARD, POD_MONITOR, PROMETHEUS_RULE
from vocabulary.labels import FLUX_SUBSTITUTE, GRAFANA_FOLDER
from vocabulary.labels import GRAFANA_DASHBOARD as SIDECAR

_PART = "observability"
RULES = "brisa-rules"
"""Name of the object with the rules."""


class Observability(pulumi.ComponentResource):
    """The stack's boards, rules, and what Alertmanager keeps to itself."""

    boards: pulumi.Output[list[str]]
    """Identities of the boards in Grafana; empty where the stack wants none."""

    alerts: pulumi.Output[list[str]]
    """Names of the alerts; empty where the stack wants no rules."""

    def __init__(
        self, name: str, stack: Monitored, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{TOKEN}:observability:Observability", name, None, opts)
        drawn: list[str] = []
        told: list[str] = []
        if stack.observability.install:
            inside = self._home(stack)
            self._scraping(name, stack, inside)
            drawn = self._boards(name, stack, inside)
            told = self._rules(name, stack, inside)
        self.boards = pulumi.Output.from_input(drawn)
        self.alerts = pulumi.Output.from_input(told)
        self.register_outputs({"boards": self.boards, "alerts": self.alerts})

    def _home(self, stack: Monitored) -> pulumi.ResourceOptions:
        settings, made = stack.observability, []
        if settings.create_namespace:
            made = [namespace(settings.namespace, pulumi.ResourceOptions(parent=self))]
        return pulumi.ResourceOptions(parent=self, depends_on=made)

    def _scraping(self, name: str, stack: Monitored, inside: pulumi.ResourceOptions) -> None:
        settings = stack.observability
        if settings.scraping.delivery == "none":
            return
        for source, spec in pod_monitors(stack).items():
            about = metadata(
                f"brisa-{source}", settings.namespace, part=_PART, labels=settings.operator_labels
            )
            custom_resource(f"{name}-{source}-monitor", POD_MONITOR, about, spec, inside)

    def _boards(self, name: str, stack: Monitored, inside: pulumi.ResourceOptions) -> list[str]:
        settings, where = stack.observability.dashboards, stack.observability.namespace
        if settings.delivery == "none":
            return []
        drawn = boards(stack)
        for board, text in drawn.items():
            resource, known = f"{name}-{board}", uid(board, stack.environment)
            if settings.delivery == "grafanaOperator":
                about = metadata(known, where, part=_PART)
                spec = grafana_dashboard_spec(settings, text)
                custom_resource(resource, GRAFANA_DASHBOARD, about, spec, inside)
                continue
            about = metadata(
                known,
                where,
                part=_PART,
                labels={SIDECAR: "1", FLUX_SUBSTITUTE: "disabled"},
                annotations={GRAFANA_FOLDER: settings.folder},
            )
            ConfigMap(resource, metadata=about, data={f"{known}.json": text}, opts=inside)
        return [uid(board, stack.environment) for board in drawn]

    def _rules(self, name: str, stack: Monitored, inside: pulumi.ResourceOptions) -> list[str]:
        settings, where = stack.observability.rules, stack.observability.namespace
        if settings.delivery == "none":
            return []
        chosen = groups(stack)
        content = rule_file(stack, chosen)
        if settings.delivery == "prometheusOperator":
            labels = stack.observability.operator_labels
            about = metadata(RULES, where, part=_PART, labels=labels)
            custom_resource(f"{name}-rules", PROMETHEUS_RULE, about, content, inside)
            self._inhibitions(name, stack)
        else:
            about = metadata(RULES, where, part=_PART, labels={FLUX_SUBSTITUTE: "disabled"})
            # Written in C: thousands of rules take seconds otherwise.
            text = yaml.dump(content, Dumper=yaml.CSafeDumper, sort_keys=False, width=1000)
            files = {f"brisa-{stack.environment}.rules.yaml": text}
            ConfigMap(f"{name}-rules", metadata=about, data=files, opts=inside)
        return sorted({rule.name for group in chosen for rule in group.alerts})

    def _inhibitions(self, name: str, stack: Monitored) -> None:
        for home in sorted({service.namespace for service in stack.services}):
            custom_resource(
                f"{name}-{home}-inhibitions",
                ALERTMANAGER_CONFIG,
                metadata(
                    "brisa-inhibitions",
                    home,
                    part=_PART,
                    labels=stack.observability.operator_labels,
                ),
                alertmanager_config(),
                pulumi.ResourceOptions(parent=self),
            )


def grafana_dashboard_spec(settings: Dashboards, text: str) -> dict[str, object]:
    """The GrafanaDashboard's `spec`."""
    return {
        "instanceSelector": {"matchLabels": dict(settings.instance_selector)},
        # Grafana may run in a namespace of its own.
        "allowCrossNamespaceImport": True,
        "folder": settings.folder,
        "json": text,
    }
