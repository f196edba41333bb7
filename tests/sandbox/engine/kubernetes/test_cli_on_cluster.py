"""The whole way: a program, the real engine, this provider, a real API server."""

import json

import pytest

pytestmark = pytest.mark.cluster

PROGRAM = """
import pulumi
import pulumi_kubernetes as k8s

config = pulumi.Config()
provider = k8s.Provider("cluster", kubeconfig=config.require("kubeconfig"), cluster_identifier="x")
on = pulumi.ResourceOptions(provider=provider)
namespace = k8s.core.v1.Namespace("space", metadata={"name": config.require("space")}, opts=on)
inside = {"namespace": namespace.metadata.name}
settings = k8s.core.v1.ConfigMap(
    "settings", metadata=inside, data={"value": config.require("value")}, opts=on
)
k8s.core.v1.Secret(
    "password", metadata=inside, string_data={"password": pulumi.Output.secret("hunter2")}, opts=on
)
k8s.batch.v1.CronJob(
    "job",
    metadata=inside | {"name": "job"},
    spec={
        "schedule": "*/10 * * * *",
        "job_template": {
            "spec": {
                "template": {
                    "spec": {
                        "restart_policy": "Never",
                        "containers": [
                            {
                                "name": "job",
                                "image": "job",
                                "env_from": [
                                    {"config_map_ref": {"name": settings.metadata.name}}
                                ],
                                "resources": {"limits": {"cpu": "1000m", "memory": "0.5Gi"}},
                            }
                        ],
                    }
                }
            }
        },
    },
    opts=on,
)
pulumi.export("settings", settings.metadata.name)
"""


@pytest.fixture
def cli(pulumi, checkout, sandbox):
    """Runs the engine's CLI on a stack whose program makes four objects."""
    checkout.program(PROGRAM)

    def run(*arguments, value="one", succeeds=True):
        checkout.stack(
            f"config:\n  demo:kubeconfig: {sandbox.kubeconfig}\n"
            f"  demo:space: cli\n  demo:value: {value}\n"
        )
        done = pulumi(*arguments, "--non-interactive", "--suppress-progress")
        assert (done.returncode == 0) is succeeds, done.stdout
        return done.stdout

    return run


def test_a_stack_comes_up_changes_drifts_and_goes_away(cli, sandbox):
    preview = json.loads(cli("preview", "--json"))
    assert preview["changeSummary"] == {"create": 6}
    assert "hunter2" not in json.dumps(preview)

    output = cli("up", "--yes", "--skip-preview")
    assert "6 created" in output
    assert "hunter2" not in output
    cli("up", "--yes", "--expect-no-changes")

    preview = json.loads(cli("preview", "--json", value="two"))
    steps = {step["urn"].split("::")[-1]: step["op"] for step in preview["steps"]}
    assert steps["settings"] == "replace"
    assert steps["job"] == "update"
    cli("up", "--yes", "--skip-preview", value="two")
    (name,) = (
        item["metadata"]["name"]
        for item in json.loads(sandbox.kubectl("-n", "cli", "get", "cm", "-o", "json"))["items"]
        if item["metadata"]["name"].startswith("settings-")
    )
    job = json.loads(sandbox.kubectl("-n", "cli", "get", "cronjob/job", "-o", "json"))
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["envFrom"] == [{"configMapRef": {"name": name}}]

    sandbox.kubectl("-n", "cli", "delete", "cronjob/job")
    cli("refresh", "--preview-only", "--expect-no-changes", value="two", succeeds=False)
    assert "1 created" in cli("up", "--refresh", "--yes", "--skip-preview", value="two")

    cli("destroy", "--yes", "--skip-preview", value="two")
    assert "cli" not in sandbox.kubectl("get", "namespaces", "-o", "name")


def test_an_objects_own_fault_is_told_in_the_preview(cli, checkout):
    checkout.program(PROGRAM.replace("*/10 * * * *", "sometimes"))
    output = cli("up", "--yes", "--skip-preview", value="three", succeeds=False)
    assert 'spec.schedule: Invalid value: "sometimes"' in output
    assert "Traceback" not in output
    cli("destroy", "--yes", "--skip-preview")
