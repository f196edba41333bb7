"""The pod of a CronJob of the API server, run by the command that people use."""

import re

import pytest

from sandbox.cli import main

pytestmark = pytest.mark.cluster

OBJECTS = """
apiVersion: v1
kind: Namespace
metadata: {name: jobs}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: jobs}
data: {url: "http://shop.jobs.svc:80/a from /keys/token"}
---
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: jobs}
stringData: {token: hunter2}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: jobs}
spec:
  schedule: "0 0 1 1 *"
  suspend: true
  jobTemplate:
    spec:
      completionMode: Indexed
      completions: 2
      parallelism: 2
      activeDeadlineSeconds: 60
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: main
              image: example.org/report
              command: [sh, -euc]
              args: ["echo $JOB_COMPLETION_INDEX $(NAME); cat /settings/url; exit $CODE"]
              env:
                - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
                - {name: CODE, value: "0"}
              volumeMounts:
                - {name: settings, mountPath: /settings}
                - {name: keys, mountPath: /keys}
          volumes:
            - {name: settings, configMap: {name: settings}}
            - {name: keys, secret: {secretName: keys, defaultMode: 0440}}
"""
MAPPED = ("--map", "shop.jobs.svc:80=http://127.0.0.1:9")


@pytest.fixture(scope="module")
def objects(sandbox):
    sandbox.kubectl("apply", "-f", "-", stdin=OBJECTS)
    yield
    sandbox.kubectl("delete", "namespace", "jobs")


@pytest.fixture
def run(sandbox, objects, capfd):
    def run(*arguments):
        code = main(["--folder", str(sandbox.folder.root), "run-cronjob", *arguments])
        return code, capfd.readouterr()

    return run


def test_every_pod_runs_with_its_environment_and_files(run):
    code, printed = run("jobs/report", *MAPPED)
    assert code == 0, printed.err
    found = re.fullmatch(r"0 jobs\n(.*) from (.*)1 jobs\n(.*) from (.*)", printed.out)
    assert found is not None, printed.out
    assert found[1] == found[3] == "http://127.0.0.1:9/a"
    assert found[2] != found[4]
    assert found[2].endswith("/volumes/keys/token")


def test_one_of_them_can_be_chosen(run):
    code, printed = run("jobs/report", "--index", "1", *MAPPED)
    assert code == 0, printed.err
    assert printed.out.startswith("1 jobs\n")
    assert "0 jobs" not in printed.out


def test_nothing_of_the_pod_stays(run, sandbox):
    run("jobs/report", *MAPPED)
    left = [path.name for path in sandbox.folder.root.iterdir()]
    assert not [name for name in left if name.startswith("pod-")]


def test_an_address_of_the_cluster_that_leads_nowhere_is_told(run):
    code, printed = run("jobs/report")
    assert code == 0
    assert "--map shop.jobs.svc:80=URL leads it elsewhere" in printed.err


def test_the_exit_code_is_the_commands_own(run, sandbox):
    patch = (
        '[{"op": "replace", "value": "7", '
        '"path": "/spec/jobTemplate/spec/template/spec/containers/0/env/1/value"}]'
    )
    sandbox.kubectl("patch", "cronjob", "report", "-n", "jobs", "--type=json", "-p", patch)
    code, printed = run("jobs/report", *MAPPED)
    assert code == 7
    assert "1 jobs" not in printed.out


@pytest.mark.parametrize("name", ["jobs/reprot", "report"])
def test_an_unknown_one_is_refused_with_those_that_are_there(run, name):
    code, printed = run(name)
    assert code == 2
    assert "jobs/report" in printed.err
    assert printed.out == ""
