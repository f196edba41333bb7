import base64

import pytest

from sandbox.pods.job import Job

KINDS = ("ConfigMap", "Secret", "PersistentVolumeClaim")


class Memory:
    """Objects that only exist here."""

    def __init__(self):
        self.held = {}

    def config_map(self, name, data=None, binary=None):
        coded = {key: base64.b64encode(value).decode() for key, value in (binary or {}).items()}
        self.held["ConfigMap", "home", name] = {"data": data or {}, "binaryData": coded}

    def secret(self, name, data):
        coded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        self.held["Secret", "home", name] = {"data": coded}

    def claim(self, name):
        self.held["PersistentVolumeClaim", "home", name] = {}

    def get(self, kind, namespace, name):
        assert kind in KINDS
        return self.held.get((kind, namespace, name))


@pytest.fixture
def objects():
    return Memory()


@pytest.fixture
def job():
    """The Job of a CronJob with one container, with some keys set."""

    def make(*, pod=None, more=None, template=None, **container):
        main = {"name": "main", "command": ["sh", "-c", "true"]} | container
        spec = {"containers": [main]} | (pod or {})
        template = {"metadata": template or {}, "spec": spec}
        return Job.of(
            {
                "metadata": {"namespace": "home", "name": "report"},
                "spec": {"jobTemplate": {"spec": {"template": template} | (more or {})}},
            }
        )

    return make
