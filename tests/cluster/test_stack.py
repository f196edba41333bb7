"""The whole stack on a real API server, from the first `up` to a `destroy` that leaves nothing.

The tests of a class build on one another, in the order in which they stand.
"""

import json
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress

import pytest
import yaml

from sandbox.errors import EngineError
from sandbox.session import STACK, open_workspace
from tests.cluster.definitions import define_monitoring
from tests.conftest import run_sandbox
from tests.program.stacks import TOKEN, manifest, run
from vocabulary.kinds import HELM_RELEASE, SCHEDULE
from vocabulary.labels import CHAOS_PAUSE, ENVIRONMENT

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

OURS = "app.kubernetes.io/part-of=brisa-platform"
KINDS = (
    "gitrepositories,kustomizations,providers,alerts,fluxinstances,virtualservices,destinationrules,"
    "peerauthentications,authorizationpolicies,telemetries,schedules,cronjobs,networkpolicies,"
    "configmaps,secrets,serviceaccounts,persistentvolumeclaims,sidecars.networking.istio.io"
)
ADMISSION = "validatingadmissionpolicies,validatingadmissionpolicybindings"
RULE = ("destinationrule", "web", "-n", "brisa-sandbox")
DENIAL = ("authorizationpolicy", "default-deny", "-n", "brisa-sandbox")
EXPERIMENT = ("schedule", "api-pod-failure", "-n", "brisa-sandbox")
KUSTOMIZATION = ("kustomization", "brisa-production", "-n", "flux-system")
DRIFT = {"spec": {"trafficPolicy": {"connectionPool": {"tcp": {"maxConnections": 7}}}}}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, toolchain):
    yield from run_sandbox(tmp_path_factory.mktemp("stack") / "run", toolchain)


@pytest.fixture(scope="module")
def engine(cluster, toolchain):
    return open_workspace(cluster.folder, toolchain)


@pytest.fixture(scope="module")
def open_cluster(cluster):
    """Other stacks come with admission policies of their own, for their environment."""
    cluster.kubectl("delete", ADMISSION, "-l", OURS)
    define_monitoring(cluster)
    return cluster


def operate(engine, *arguments):
    """An operation of the CLI on the stack; returns what it prints, and fails when it fails."""
    return engine.capture([*arguments, "--stack", STACK, "--color", "never"])


def unpolluted(cluster):
    """Objects of the platform that are still there."""
    kinds = cluster.kubectl("api-resources", "--verbs=list", "-o", "name").split()
    return cluster.kubectl("get", ",".join(kinds), "-A", "-l", OURS, "-o", "name").split()


def get(cluster, *arguments):
    return json.loads(cluster.kubectl("get", *arguments, "-o", "json"))


def kill_the_api_server(cluster, victims):
    """Kill it as soon as there is something of the stack."""
    while not cluster.get(f"/api/v1/namespaces?labelSelector={OURS}")["items"]:
        time.sleep(0.1)
    (victim,) = [s for s in cluster.plane.group.services() if s.name == "kube-apiserver"]
    victims.append(victim.process.pid)
    os.kill(victim.process.pid, signal.SIGKILL)


class TestLife:
    def test_comes_up_though_the_api_server_was_killed_the_first_time(self, cluster, engine):
        engine.ensure_stack(STACK)
        victims = []
        killer = threading.Thread(target=kill_the_api_server, args=(cluster, victims))
        killer.start()
        with suppress(EngineError):  # whether it can wait for the next one is a matter of luck
            operate(engine, "up", "--yes", "--skip-preview")
        killer.join()
        assert victims
        engine.up(STACK)
        names = [item["metadata"]["name"] for item in get(cluster, "schedules", "-A")["items"]]
        assert len(names) == len(set(names)) == 6
        instance = get(cluster, "fluxinstance", "flux", "-n", "flux-system")
        ready = {c["type"]: c["status"] for c in instance["status"]["conditions"]}["Ready"]
        assert ready == "True"

    def test_holds_the_objects_that_the_program_registers(self, cluster):
        expected = {
            (item.metadata["namespace"], item.inputs["kind"], item.metadata["name"])
            for item in run(f"{STACK}.without-node").objects
            if "namespace" in item.inputs.get("metadata", {})
        }
        items = get(cluster, KINDS, "-A", "-l", OURS)["items"]
        present = {
            (o["metadata"]["namespace"], o["kind"], o["metadata"]["name"])
            for o in items
            # Schedules and CronJobs hand their labels on to what they start.
            if not o["metadata"].get("ownerReferences")
        }
        assert present == expected

    def test_keeps_the_token_out_of_state_and_outputs(self, engine):
        printed = operate(engine, "stack", "export") + operate(engine, "stack", "output", "--json")
        secret = operate(engine, "config", "get", "brisa-platform:slackToken").strip()
        assert len(secret) > len("xoxb")
        assert secret not in printed

    def test_changes_nothing_when_run_again(self, engine):
        printed = operate(engine, "up", "--yes", "--skip-preview", "--expect-no-changes")
        assert "unchanged" in printed

    def test_changes_what_the_configuration_changes(self, cluster, engine):
        operate(engine, "config", "set", "--path", "brisa-platform:gitops.interval", "10m0s")
        steps = json.loads(operate(engine, "preview", "--json"))["steps"]
        changed = {step["urn"].rpartition("::")[2] for step in steps if step["op"] != "same"}
        assert changed == {"gitops-brisa-infrastructure"}
        operate(engine, "up", "--yes", "--skip-preview")
        source = get(cluster, "gitrepository", "brisa-infrastructure", "-n", "flux-system")
        assert source["spec"]["interval"] == "10m0s"

    def test_sees_drift(self, cluster, engine):
        cluster.kubectl("patch", *RULE, "--type=merge", "-p", json.dumps(DRIFT))
        cluster.kubectl("delete", *DENIAL)
        cluster.kubectl("patch", *KUSTOMIZATION, "--type=merge", "-p", '{"spec":{"suspend":true}}')
        cluster.kubectl("annotate", *EXPERIMENT, f"{CHAOS_PAUSE}=true")
        assert "maxConnections" in operate(engine, "refresh", "--preview-only", "--diff")

    def test_heals_drift(self, cluster, engine):
        operate(engine, "up", "--yes", "--skip-preview", "--refresh")
        pool = get(cluster, *RULE)["spec"]["trafficPolicy"]["connectionPool"]
        assert pool["tcp"]["maxConnections"] == 100

    def test_brings_back_what_was_deleted_by_hand(self, cluster):
        assert get(cluster, *DENIAL)["spec"] == {}

    def test_leaves_a_suspension_alone(self, cluster):
        assert get(cluster, *KUSTOMIZATION)["spec"]["suspend"] is True

    def test_leaves_a_pause_alone(self, cluster):
        assert get(cluster, *EXPERIMENT)["metadata"]["annotations"][CHAOS_PAUSE] == "true"

    def test_refuses_the_experiments_of_another_environment(self, cluster):
        first = manifest(run("sandbox.without-node").all(SCHEDULE)[0])
        about = first["metadata"]
        about["name"], about["labels"] = "theirs", about["labels"] | {ENVIRONMENT: "staging"}
        with pytest.raises(subprocess.CalledProcessError) as refused:
            cluster.kubectl("create", "-f", "-", stdin=json.dumps(first))
        assert "must be sandbox, this cluster's environment" in refused.value.stderr

    @pytest.mark.parametrize("stack", ["staging", "prod"])
    def test_takes_every_object_of_the_other_stacks(self, open_cluster, stack):
        registered = [item for item in run(stack).objects if item.type != HELM_RELEASE.token]
        for home in {item.metadata.get("namespace") for item in registered} - {None}:
            namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home}}
            open_cluster.kubectl("apply", "-f", "-", stdin=json.dumps(namespace))
        objects = [manifest(item) for item in registered]
        for each in objects:
            if each["kind"] == "Secret":  # a recording shows that it is one, not what is in it
                each["data"] = {"token": "eA=="}
        stream = yaml.safe_dump_all(objects)
        taken = open_cluster.kubectl(
            "apply", "--server-side", "--dry-run=server", "--validate=strict",
            "--force-conflicts", "-f", "-", stdin=stream,
        )  # fmt: skip
        assert len(taken.splitlines()) == len(objects)
        assert TOKEN not in taken

    def test_is_destroyed_to_nothing(self, cluster, engine):
        for home in ("brisa-staging", "brisa-production"):
            cluster.kubectl("delete", "namespace", home, "--ignore-not-found")
        engine.destroy(STACK)
        assert unpolluted(cluster) == []
        homes = {item["metadata"]["name"] for item in get(cluster, "namespaces")["items"]}
        assert homes == {"default", "kube-node-lease", "kube-public", "kube-system"}
