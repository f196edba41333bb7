"""Helm releases, installed by the real Helm."""

import json
import subprocess

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes.wire import UNKNOWN, Secret
from tests.sandbox.engine.kubernetes.conftest import start
from tests.sandbox.engine.kubernetes.providerclient import OperationError

pytestmark = pytest.mark.cluster

RELEASE = "kubernetes:helm.sh/v3:Release"
TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-settings"}
data: {text: {{ .Values.text | quote }}, password: {{ .Values.password | quote }}}
---
{{ if .Values.broken }}
apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}"}
spec: {type: Nonsense}
{{ end }}
"""


@pytest.fixture
def program(tmp_path):
    """A program's folder with a chart in it."""
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    (tmp_path / "chart" / "Chart.yaml").write_text(
        "apiVersion: v2\nname: chart\nversion: 1.2.3\nappVersion: '9'\n"
    )
    (tmp_path / "chart" / "values.yaml").write_text("text: default\npassword: none\n")
    (tmp_path / "chart" / "templates" / "all.yaml").write_text(TEMPLATE)
    return tmp_path


@pytest.fixture
def provider(sandbox, program):
    yield from start(sandbox, cwd=program)


def release(namespace, **properties):
    return {"chart": "./chart", "name": "rel", "namespace": namespace} | properties


@pytest.fixture
def settings(sandbox, namespace):
    """Reads the ConfigMap that the chart makes."""

    def read():
        shown = sandbox.kubectl("-n", namespace, "get", "cm/rel-settings", "-o", "json")
        return json.loads(shown)["data"]

    return read


class TestCheck:
    def test_defaults_and_the_charts_version_are_filled_in(self, provider):
        checked = provider.check(RELEASE, {"chart": "./chart"}, name="web")
        assert checked["name"].startswith("web-")
        assert len(checked["name"]) == len("web-") + 8
        assert (checked["namespace"], checked["version"], checked["timeout"]) == (
            "default",
            "1.2.3",
            300,
        )

    def test_a_name_is_kept(self, provider):
        old = provider.check(RELEASE, {"chart": "./chart"})
        assert provider.check(RELEASE, {"chart": "./chart"}, old=old)["name"] == old["name"]

    def test_a_chart_that_is_not_there_shows_in_the_preview(self, provider):
        (reason,) = provider.check_failures(RELEASE, release("default", chart="./nowhere"))
        assert reason.startswith('path "./nowhere" not found')

    def test_so_does_a_dependency_that_is_missing(self, provider, program):
        chart = program / "chart" / "Chart.yaml"
        chart.write_text(
            chart.read_text()
            + "dependencies: [{name: other, version: 1.0.0, repository: 'https://example.com'}]\n"
        )
        (reason,) = provider.check_failures(RELEASE, release("default"))
        assert "missing in charts/ directory: other" in reason

    def test_secrets_and_unknowns_stay_what_they_are(self, provider):
        values = {"password": Secret("hunter2"), "text": UNKNOWN}
        checked = provider.check(RELEASE, release("default", values=values))
        assert checked["values"] == values


class TestLifecycle:
    def test_install_upgrade_read_uninstall(self, provider, namespace, settings):
        inputs = provider.check(RELEASE, release(namespace, values={"text": "one"}))
        identifier, state = provider.create(RELEASE, inputs)
        assert identifier == f"{namespace}/rel"
        assert settings()["text"] == "one"
        assert state["status"] == {
            "appVersion": "9",
            "chart": "chart",
            "name": "rel",
            "namespace": namespace,
            "revision": 1,
            "status": "deployed",
            "version": "1.2.3",
        }
        assert state["resourceNames"] == {"ConfigMap/v1": ["rel-settings"]}

        same = provider.diff(RELEASE, identifier, state, inputs)
        assert same.changes == pb.DiffResponse.DIFF_NONE

        new = provider.check(RELEASE, release(namespace, values={"text": "two"}), old=inputs)
        answer = provider.diff(RELEASE, identifier, state, new)
        assert answer.detailedDiff.keys() == {"values.text"}
        state = provider.update(RELEASE, identifier, state, new)
        assert settings()["text"] == "two"
        assert state["status"]["revision"] == 2

        assert provider.read(RELEASE, identifier, state, new)[1] == state
        provider.delete(RELEASE, identifier, state)
        assert provider.read(RELEASE, identifier, state, new)[0] == ""
        provider.delete(RELEASE, identifier, state)

    def test_a_preview_installs_nothing(self, provider, namespace, sandbox):
        inputs = provider.check(RELEASE, release(namespace))
        identifier, state = provider.create(RELEASE, inputs, preview=True)
        assert identifier == ""
        assert state["status"] is UNKNOWN
        assert sandbox.kubectl("-n", namespace, "get", "secrets", "-o", "name") == ""

    def test_another_name_is_another_release(self, provider, namespace):
        inputs = provider.check(RELEASE, release(namespace))
        identifier, state = provider.create(RELEASE, inputs)
        new = provider.check(RELEASE, release(namespace, name="other"), old=inputs)
        assert provider.diff(RELEASE, identifier, state, new).replaces == ["name"]

    def test_import(self, provider, namespace):
        provider.create(RELEASE, provider.check(RELEASE, release(namespace, values={"text": "x"})))
        identifier, state, inputs = provider.read(RELEASE, f"{namespace}/rel")
        assert identifier == f"{namespace}/rel"
        assert inputs["values"] == {"text": "x"}
        assert state["status"]["status"] == "deployed"


class TestSecrets:
    def test_they_reach_the_chart_and_stay_secret(self, provider, namespace, settings):
        inputs = release(namespace, values={"password": Secret("hunter2")})
        _, state = provider.create(RELEASE, provider.check(RELEASE, inputs))
        assert settings()["password"] == "hunter2"
        assert state["values"] == {"password": Secret("hunter2")}
        assert isinstance(state["__inputs"], Secret)

    def test_they_are_no_arguments_of_helm(self, sandbox, program, namespace, tmp_path):
        tools, seen = tmp_path / "fake", tmp_path / "seen"
        tools.mkdir()
        real = sandbox.toolchain.path("helm")
        (tools / "helm").write_text(f'#!/bin/sh\necho "$@" >> {seen}\nexec {real} "$@"\n')
        (tools / "helm").chmod(0o700)
        for provider in start(sandbox, cwd=program, tools=tools):
            inputs = release(namespace, values={"password": Secret("hunter2")})
            provider.create(RELEASE, provider.check(RELEASE, inputs))
        assert "install rel" in seen.read_text()
        assert "hunter2" not in seen.read_text()


class TestFailures:
    def test_helms_message_is_passed_on(self, provider, namespace):
        inputs = provider.check(RELEASE, release(f"{namespace}-missing"))
        with pytest.raises(OperationError, match="not found") as failure:
            provider.create(RELEASE, inputs)
        assert failure.value.detail is None

    def test_a_release_that_failed_is_kept(self, provider, namespace):
        inputs = provider.check(RELEASE, release(namespace, values={"broken": True}))
        with pytest.raises(OperationError, match="Use Helm CLI to investigate") as failure:
            provider.create(RELEASE, inputs)
        assert failure.value.detail.id == f"{namespace}/rel"
        assert failure.value.detail.properties["status"]["status"] == "failed"

    def test_without_helm_it_says_so(self, sandbox, program, namespace):
        for provider in start(sandbox, cwd=program, path="/nowhere"):
            (reason,) = provider.check_failures(RELEASE, release(namespace))
            assert "helm is not on the PATH" in reason

    def test_nothing_of_helms_input_is_left_behind(self, provider, namespace, tmp_path):
        provider.create(RELEASE, provider.check(RELEASE, release(namespace)))
        left = subprocess.run(
            ["find", "/tmp", "-maxdepth", "1", "-name", "pulumi-helm-*", "-newer", tmp_path],
            capture_output=True,
            text=True,
            check=True,
        )
        assert left.stdout == ""
