"""Boards, alert rules and scraping: how they reach Grafana and Prometheus, where links lead."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from settings.addresses import BaseUrl
from settings.types import Model, Once, WholeSeconds, duration_field
from settings.words import DnsLabel, LabelKey, LabelValue, Line

_PAGE = re.compile(r"/(d|d-solo|dashboards?|explore|login|alerting)(/|$)")


class Dashboards(Model):
    """The boards, and how Grafana finds them."""

    delivery: Literal["configMap", "grafanaOperator", "none"] = "configMap"
    """`configMap`: one ConfigMap a board, labelled for the sidecar that Grafana's charts bring
    along; `grafanaOperator`: GrafanaDashboard objects; `none`: no boards."""

    folder: Line = "Brisa"
    """Grafana's folder for them. The sidecar heeds it where its `folderAnnotation` is
    `grafana_folder` and the provider takes folders from files."""

    instance_selector: Mapping[LabelKey, LabelValue] = Field(
        {"dashboards": "grafana"}, min_length=1
    )
    """Labels of the Grafana objects that the Grafana Operator gives the boards to."""

    datasource: Line | None = None
    """Name of the Prometheus data source that a board opens with; null is Grafana's default."""

    grafana: BaseUrl | None = None
    """Where people reach Grafana, for the links in alerts; null leaves them as paths."""

    @field_validator("grafana")
    @classmethod
    def _base(cls, url: str | None) -> str | None:
        if url and _PAGE.search(urlsplit(url).path):
            raise ValueError("is a page of Grafana; leave away what is behind its address")
        return url


class Rules(Model):
    """Recording and alert rules, and how Prometheus finds them."""

    delivery: Literal["prometheusOperator", "configMap", "none"] = "prometheusOperator"
    """`prometheusOperator`: a PrometheusRule; `configMap`: rule files to be mounted into
    Prometheus; `none`: no rules. Boards show objectives and budgets only where the rules run."""

    runbook: BaseUrl = (
        "https://github.com/albertodimas/brisa-cubana-clean-intelligence/blob/main/docs/runbook.md"
    )
    """The page that alerts link to; it has a heading for every alert."""

    elsewhere: Annotated[tuple[Line, ...], Once] = ()
    """Alerts that others' rules make in this Prometheus; experiments may expect them too."""


class Scraping(Model):
    """What Prometheus reads, and how it is told to."""

    delivery: Literal["prometheusOperator", "none"] = "prometheusOperator"
    """`prometheusOperator`: PodMonitors for Flux, Istio, the services' proxies and Chaos Mesh;
    `none`: somebody else sees to it."""

    interval: WholeSeconds = duration_field("30s", least="5s", most="1m0s")
    """How often; rules take rates over two minutes, which must hold several samples."""


class Observability(Model):
    """The observability area of a stack."""

    install: bool = True
    """Provision boards, rules and what they need."""

    namespace: DnsLabel = "monitoring"
    """Namespace of the objects; the one that Grafana's sidecar and Prometheus look into."""

    create_namespace: bool = False
    """Whether the stack makes that namespace; most often the monitoring stack has."""

    dashboards: Dashboards = Dashboards()
    """Boards."""

    rules: Rules = Rules()
    """Rules."""

    scraping: Scraping = Scraping()
    """Where series come from."""

    operator_labels: Mapping[LabelKey, LabelValue] = {"release": "kube-prometheus-stack"}
    """Further labels of the Prometheus Operator's objects, by which its Prometheus selects them;
    those of the chart kube-prometheus-stack by default."""

    flux_state: Literal["operator", "kubeStateMetrics"] | None = None
    """Who exports the state of Flux's objects: the Flux Operator (`flux_resource_info`), or
    kube-state-metrics with Flux's custom resource configuration (`gotk_resource_info`). null is
    the operator where the stack installs it, else kube-state-metrics."""
