"""What users rely on: a program, the real engine, Pulumi's own plugin, a real API server."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sandbox.folder import CHECKOUT
from sandbox.supervision.identity import ProcessIdentity
from sandbox.toolchain.catalogue import KUBERNETES_PLUGIN
from tests.sandbox.engine.conftest import STACK

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

BEGINNING = """
import pulumi
import pulumi_kubernetes as k8s

config = pulumi.Config()
provider = k8s.Provider("cluster", kubeconfig=config.require("kubeconfig"), cluster_identifier="x")
on = pulumi.ResourceOptions(provider=provider)
namespace = k8s.core.v1.Namespace("space", metadata={"name": config.require("space")}, opts=on)
inside = {"namespace": namespace.metadata.name}
"""
OBJECTS = """
settings = k8s.core.v1.ConfigMap(
    "settings", metadata=inside, data={"value": config.require("value")}, opts=on
)
k8s.core.v1.Secret(
    "password", metadata=inside, string_data={"password": pulumi.Output.secret("hunter2")}, opts=on
)
container = {
    "name": "job",
    "image": "job",
    "env_from": [{"config_map_ref": {"name": settings.metadata.name}}],
    "resources": {"limits": {"cpu": "1000m", "memory": "0.5Gi"}},
}
template = {"spec": {"restart_policy": "Never", "containers": [container]}}
k8s.batch.v1.CronJob(
    "job",
    metadata=inside | {"name": "job"},
    spec={"schedule": "*/10 * * * *", "job_template": {"spec": {"template": template}}},
    opts=on,
)
"""
RELEASE = f"""
import sys
sys.path.append({str(CHECKOUT)!r})
from components.release import release
from settings.charts import Chart

chart = Chart(chart=config.require("chart"), values={{"kept": None, "deep": {{"taken": None}}}})
release("charted", chart, namespace.metadata.name, {{"ours": "yes"}}, on)
"""
TEMPLATE = """
apiVersion: v1
kind: ConfigMap
metadata: {name: charted, namespace: {{ .Release.Namespace }}}
data: {values: {{ toJson .Values | quote }}}
"""
YAML = """
place = "namespace: " + config.require("space")
manifests = [
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: written, %s}, data: {in: yaml}}",
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: written, %s},"
    " rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}",
]
group = k8s.yaml.v2.ConfigGroup(
    "group",
    yaml="\\n---\\n".join(manifest % place for manifest in manifests),
    opts=pulumi.ResourceOptions(provider=provider, depends_on=namespace),
)
pulumi.export("made", group.resources.apply(len))
"""
NEVER_READY = """
labels = {"app": "never"}
k8s.apps.v1.Deployment(
    "never",
    metadata=inside | {"name": "never"},
    spec={
        "selector": {"match_labels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "never", "image": "never"}]},
        },
    },
    opts=on,
)
"""
WITHOUT_WAITING = NEVER_READY.replace(
    'inside | {"name": "never"}',
    'inside | {"name": "never", "annotations": {"pulumi.com/skipAwait": "true"}}',
)


@pytest.fixture
def space(request):
    """A namespace that only this test uses."""
    return request.node.name.replace("_", "-")[:40].strip("-")


@pytest.fixture
def configure(checkout, sandbox, space):
    def write(**values):
        given = {"kubeconfig": str(sandbox.kubeconfig), "space": space, "value": "one", **values}
        checkout.stack(json.dumps({"config": {f"demo:{key}": v for key, v in given.items()}}))

    write()
    return write


@pytest.fixture
def cli(pulumi, checkout, configure):
    """Runs the CLI on a stack; everything is destroyed afterwards."""

    def run(*arguments, succeeds=True):
        done = pulumi(*arguments, "--non-interactive", "--suppress-progress")
        assert (done.returncode == 0) is succeeds, done.stdout
        return done.stdout

    yield run
    run("destroy", "--yes", "--skip-preview")


@pytest.fixture
def on_cluster(sandbox, space):
    """Kubectl in the test's namespace."""
    return lambda *words: sandbox.kubectl("-n", space, *words)


@pytest.fixture
def get(on_cluster):
    return lambda *what: json.loads(on_cluster("get", *what, "-o", "json"))


def test_a_stack_comes_up_changes_drifts_and_goes_away(  # noqa: PLR0917 - fixtures
    cli, checkout, configure, workspace, on_cluster, get
):
    checkout.program(BEGINNING + OBJECTS)
    preview = json.loads(cli("preview", "--json"))
    assert preview["changeSummary"] == {"create": 6}
    assert "hunter2" not in json.dumps(preview)

    output = cli("up", "--yes", "--skip-preview")
    assert "6 created" in output
    assert "warning" not in output
    assert "hunter2" not in output + workspace.capture(["stack", "export", "--stack", STACK])
    cli("up", "--yes", "--expect-no-changes")

    configure(value="two")
    preview = json.loads(cli("preview", "--json"))
    steps = {step["urn"].split("::")[-1]: step["op"] for step in preview["steps"]}
    assert steps["settings"] == "replace"
    assert steps["job"] == "update"
    cli("up", "--yes", "--skip-preview")
    (settings,) = (
        each["metadata"]["name"]
        for each in get("configmaps")["items"]
        if each["metadata"]["name"].startswith("settings-")
    )
    template = get("cronjob/job")["spec"]["jobTemplate"]["spec"]["template"]
    (container,) = template["spec"]["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": settings}}]

    on_cluster("delete", "cronjob/job")
    cli("refresh", "--preview-only", "--expect-no-changes", succeeds=False)
    assert "1 created" in cli("up", "--refresh", "--yes", "--skip-preview")

    cli("destroy", "--yes", "--skip-preview")
    assert not on_cluster("get", "configmaps,secrets,cronjobs", "-o", "name")


def test_an_objects_own_fault_is_told_in_the_preview(cli, checkout):
    checkout.program(BEGINNING)
    cli("up", "--yes", "--skip-preview")
    checkout.program(BEGINNING + OBJECTS.replace("*/10 * * * *", "sometimes"))
    output = cli("preview", succeeds=False)
    assert 'spec.schedule: Invalid value: "sometimes"' in output
    assert "Traceback" not in output


def test_objects_of_any_kind_come_from_yaml(cli, checkout, get):
    """By the plugin's own components, whose table of kinds is replaced where it is built here."""
    checkout.program(BEGINNING + YAML)
    up = cli("up", "--yes", "--skip-preview")
    assert "kubernetes:core/v1:ConfigMap" in up
    assert "kubernetes:rbac.authorization.k8s.io/v1:Role" in up
    assert re.search(r"made *: 2", up)
    assert get("configmap/written")["data"] == {"in": "yaml"}
    assert get("role/written")["rules"][0]["verbs"] == ["get"]
    cli("up", "--yes", "--expect-no-changes")


@pytest.fixture
def charted(cli, checkout, configure, tmp_path, get):
    """Installs a chart through the platform's own helper; returns the values it came to see."""
    chart = tmp_path / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: charted\nversion: 1.0.0\n")
    (chart / "values.yaml").write_text("kept: a default\ndeep: {taken: another, left: this}\n")
    (chart / "templates" / "all.yaml").write_text(TEMPLATE)
    configure(chart=str(chart))
    checkout.program(BEGINNING + RELEASE)
    cli("up", "--yes", "--skip-preview")
    return json.loads(get("configmap/charted")["data"]["values"])


def test_values_reach_the_chart_and_stay_as_they_are(charted, cli):
    assert charted["ours"] == "yes"
    assert charted["deep"]["left"] == "this"
    cli("up", "--yes", "--expect-no-changes")


def test_null_takes_a_default_of_a_chart_away(charted, toolchain, request):
    if toolchain.path(KUBERNETES_PLUGIN.name).is_relative_to(toolchain.go.cache / "bin"):
        # Its module is of January 2026; Pulumi's releases pass null on since April.
        request.applymarker(pytest.mark.xfail(strict=True))
    assert charted == {"deep": {"left": "this"}, "ours": "yes"}


def parent(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"^PPid:\s*(\d+)", status, re.MULTILINE)[1])


class TestAnUpdateThatEndsBeforeItsTime:
    """The engine waits for a Deployment that no node will ever run."""

    @pytest.fixture
    def waiting_engine(self, workspace, checkout, cli, on_cluster):
        checkout.program(BEGINNING + NEVER_READY)
        workspace.ensure_stack(STACK)
        engine = subprocess.Popen(
            [workspace.folder / "bin" / "pulumi", "up", "--yes", "--skip-preview", "-s", STACK],
            cwd=workspace.project.folder,
            env=workspace.environment(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        named = ("deployment/never", "--ignore-not-found", "-o", "name")
        while not on_cluster("get", *named):
            assert engine.poll() is None
            time.sleep(0.2)
        return engine

    def finish(self, checkout, workspace, get):
        """The next `up`, of a program that does not wait, finishes the work."""
        first = get("deployment/never")["metadata"]["uid"]
        checkout.program(BEGINNING + WITHOUT_WAITING)
        workspace.up(STACK)
        assert get("deployment/never")["metadata"]["uid"] == first
        workspace.pulumi(["preview", "--stack", STACK, "--expect-no-changes"])

    def test_after_an_interrupt_the_next_up_finishes(
        self, waiting_engine, workspace, checkout, get
    ):
        waiting_engine.send_signal(signal.SIGINT)
        assert waiting_engine.wait(timeout=60) != 0
        assert workspace.backend.lock_holders(STACK) == []
        self.finish(checkout, workspace, get)

    def test_after_a_kill_the_plugin_is_gone_and_the_next_up_finishes(
        self, waiting_engine, workspace, toolchain, checkout, get
    ):
        program = toolchain.path(KUBERNETES_PLUGIN.name).resolve()
        (plugin,) = (
            each for each in ProcessIdentity.running(program) if parent(each) == waiting_engine.pid
        )
        waiting_engine.kill()
        waiting_engine.wait()
        assert plugin.wait(10)
        self.finish(checkout, workspace, get)
