"""When workloads are ready."""

from types import SimpleNamespace

import pytest

from sandbox.engine.kubernetes.awaiting.daemonset import DaemonSetReadiness
from sandbox.engine.kubernetes.awaiting.deployment import DeploymentReadiness
from sandbox.engine.kubernetes.awaiting.job import JobReadiness
from sandbox.engine.kubernetes.awaiting.quota import QuotaReadiness
from sandbox.engine.kubernetes.awaiting.statefulset import StatefulSetReadiness
from sandbox.engine.kubernetes.awaiting.token import TokenReadiness

REVISION = "deployment.kubernetes.io/revision"


class TestJob:
    def examine(self, **status):
        return JobReadiness(None).examine({"metadata": {"name": "job"}, "status": status})

    def test_it_must_start(self):
        assert self.examine().status == 'Waiting for Job "job" to start'

    def test_it_must_complete(self):
        progress = self.examine(startTime="now", active=1)
        assert not progress.ready
        assert "Active: 1" in progress.status

    def test_it_is_ready_when_complete(self):
        done = [{"type": "Complete", "status": "True"}]
        assert self.examine(startTime="now", conditions=done).ready

    @pytest.mark.parametrize("reason", ["BackoffLimitExceeded", "DeadlineExceeded"])
    def test_it_fails_for_good(self, reason):
        failed = [{"type": "Failed", "status": "True", "reason": reason, "message": "why"}]
        progress = self.examine(startTime="now", conditions=failed)
        assert progress.failed
        assert progress.problems == [f"[{reason}] why"]


class TestDeployment:
    def deployment(self, generation=1, observed=1, revision="1", available="True", **status):
        return {
            "metadata": {
                "name": "web",
                "namespace": "apps",
                "uid": "uid",
                "generation": generation,
                "annotations": {REVISION: revision},
            },
            "spec": {"template": {"spec": {}}},
            "status": {
                "observedGeneration": observed,
                "replicas": 2,
                "updatedReplicas": 2,
                "conditions": [
                    {
                        "type": "Available",
                        "status": available,
                        "reason": "MinimumReplicasUnavailable",
                        "message": "too few",
                    },
                    {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
                ],
            }
            | status,
        }

    def replica_set(self, revision="1", ready=2):
        return {
            "metadata": {
                "ownerReferences": [{"uid": "uid"}],
                "annotations": {REVISION: revision},
            },
            "spec": {"replicas": 2},
            "status": {"readyReplicas": ready},
        }

    def examine(self, live, *replica_sets):
        cluster = SimpleNamespace(items=lambda like: list(replica_sets))
        wait = SimpleNamespace(instance=SimpleNamespace(cluster=cluster))
        return DeploymentReadiness(wait).examine(live)

    def test_it_is_ready_when_rolled_out(self):
        assert self.examine(self.deployment(), self.replica_set()).ready

    def test_the_controller_must_have_seen_it(self):
        live = self.deployment(generation=2)
        assert "controller" in self.examine(live, self.replica_set()).status

    def test_the_newest_replica_set_must_be_complete(self):
        assert not self.examine(self.deployment(revision="2"), self.replica_set("1")).ready
        assert not self.examine(self.deployment(), self.replica_set(ready=1)).ready

    def test_old_pods_must_be_gone(self):
        assert not self.examine(self.deployment(replicas=3), self.replica_set()).ready

    def test_problems_are_the_conditions_own(self):
        progress = self.examine(self.deployment(available="False"), self.replica_set())
        assert progress.problems[0] == "[MinimumReplicasUnavailable] too few"


class TestStatefulSet:
    def examine(self, **status):
        live = {"metadata": {"generation": 1}, "spec": {"replicas": 2}, "status": status}
        return StatefulSetReadiness(None).examine(live)

    def test_it_is_ready_when_every_replica_is(self):
        revisions = {"currentRevision": "a", "updateRevision": "a"}
        assert self.examine(observedGeneration=1, readyReplicas=2, **revisions).ready
        assert not self.examine(observedGeneration=1, readyReplicas=1, **revisions).ready

    def test_every_replica_must_be_of_the_newest_revision(self):
        revisions = {"currentRevision": "a", "updateRevision": "b"}
        assert not self.examine(observedGeneration=1, readyReplicas=2, **revisions).ready


class TestDaemonSet:
    def examine(self, **status):
        live = {"metadata": {"generation": 1}, "spec": {}, "status": status}
        return DaemonSetReadiness(None).examine(live)

    def test_it_is_ready_when_every_node_runs_it(self):
        counts = {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2}
        assert self.examine(observedGeneration=1, numberAvailable=2, **counts).ready
        assert not self.examine(observedGeneration=1, numberAvailable=1, **counts).ready

    def test_no_nodes_are_enough(self):
        assert self.examine(observedGeneration=1, desiredNumberScheduled=0).ready


def test_a_quota_is_ready_when_its_limits_are_known():
    quota = {"spec": {"hard": {"pods": "3"}}, "status": {"hard": {"pods": "3"}}}
    assert QuotaReadiness(None).examine(quota).ready
    assert not QuotaReadiness(None).examine(quota | {"status": {}}).ready


@pytest.mark.parametrize(
    "secret, expected",
    [
        ({"type": "Opaque"}, True),
        ({"type": "kubernetes.io/service-account-token"}, False),
        ({"type": "kubernetes.io/service-account-token", "data": {"token": "x"}}, True),
    ],
)
def test_only_token_secrets_wait_for_their_data(secret, expected):
    assert TokenReadiness(None).examine(secret).ready is expected
