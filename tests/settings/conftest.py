"""A small, complete configuration that tests bend."""

import copy
import json
from datetime import UTC, datetime

import pytest

from settings.load import Settings, read
from settings.problems import Problem, SettingsError

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday

COMPLETE = {
    "environment": "staging",
    "cluster": {"context": "brisa-staging", "clusterIdentifier": "brisa-staging"},
    "services": [
        {"name": "web", "namespace": "brisa", "port": 3000, "callers": ["ingress"]},
        {"name": "api", "namespace": "brisa", "port": 80, "callers": ["web"], "chaos": True},
        {"name": "jobs", "namespace": "brisa", "port": 80, "chaos": True},
    ],
    "gitops": {
        "repository": "https://git.example/brisa/infrastructure",
        "branch": "develop",
        "kustomizations": [{"name": "all", "path": "infra/gitops"}],
    },
    "mesh": {},
    "chaos": {
        "health": {"url": "http://gateway/health"},
        "schedules": [
            {
                "cron": "0 3 * * mon",
                "hypothesis": "the api answers",
                "fault": {"kind": "podFailure", "name": "api-pod-failure", "target": "api"},
            }
        ],
    },
    "anomaly": {"prometheusUrl": "http://prometheus.monitoring:9090"},
}


class Configuration:
    """The complete configuration, changed place by place, and read."""

    def __init__(self):
        self.tree = copy.deepcopy(COMPLETE)
        self.secrets = set()

    def set(self, path, value):
        *parents, last = path
        place = self.tree
        for step in parents:
            place = place[step]
        place[last] = value
        return self

    def remove(self, path):
        *parents, last = path
        place = self.tree
        for step in parents:
            place = place[step]
        del place[last]
        return self

    def add_schedule(self, **parts):
        fault = {"kind": "podFailure", "name": "second", "target": "api"} | parts.pop("fault", {})
        schedule = {"cron": "0 4 * * mon", "hypothesis": "x", "fault": fault} | parts
        self.tree["chaos"]["schedules"].append(schedule)
        return self

    def add_workflow(self, **parts):
        workflow = {
            "name": "chain",
            "cron": "0 4 * * wed",
            "hypothesis": "x",
            "steps": [{"kind": "podFailure", "name": "first", "target": "api"}],
            "health": {"url": "http://gateway/health"},
        } | parts
        self.tree["chaos"]["workflows"] = [workflow]
        return self

    def read(self) -> Settings:
        raw = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in self.tree.items()
        }
        return read(raw, self.secrets, NOW)

    def problems(self) -> dict[str, Problem]:
        with pytest.raises(SettingsError) as caught:
            self.read()
        return {
            problem.key.removeprefix("brisa-platform:"): problem
            for problem in caught.value.problems
        }


@pytest.fixture
def configuration():
    return Configuration()
