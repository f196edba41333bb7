import base64
import json

import pytest

from components.anomaly_detector import AnomalyDetector, AnomalyDetectorArgs
from sandbox.pods.job import Job
from sandbox.pods.process import Folders, Pod
from settings.detection import REQUESTS
from vocabulary.kinds import (
    CONFIG_MAP,
    CRON_JOB,
    DEPLOYMENT,
    NAMESPACE,
    NETWORK_POLICY,
    PERSISTENT_VOLUME_CLAIM,
    SECRET,
    SERVICE_ACCOUNT,
)

WEBHOOK = "https://hooks.slack.com/services/T0/B0/hunter2"
SERVERS = {
    "remoteWrite": {"url": "https://mimir.example/api/v1/push", "namespace": None},
    "alertmanager": {
        "url": "http://alertmanager-0.alerts:9093",
        "replicas": ["http://alertmanager-1.alerts:9093", "http://alertmanager-2.alerts:9094"],
        "namespace": "alerts",
    },
}


@pytest.fixture
def deployed(deploy, anomaly, service):
    def run(*, secrets=None, **keys):
        settings = anomaly(**keys)
        args = AnomalyDetectorArgs(settings, [service()], "staging", secrets or {})
        return deploy(lambda: AnomalyDetector("anomaly", args))

    return run


@pytest.fixture
def spec(deployed):
    return lambda **keys: deployed(**keys).one(CRON_JOB).spec


@pytest.fixture
def job(spec):
    return lambda **keys: spec(**keys)["jobTemplate"]["spec"]


@pytest.fixture
def pod(job):
    return lambda **keys: job(**keys)["template"]["spec"]


def source(pod, volume):
    (found,) = [entry for entry in pod["volumes"] if entry["name"] == volume]
    return found


def mounts(pod):
    (container,) = pod["containers"]
    return {mount["mountPath"]: mount.get("readOnly") for mount in container["volumeMounts"]}


def variables(pod):
    (container,) = pod["containers"]
    return {entry["name"]: entry["value"] for entry in container["env"]}


class TestWhen:
    def test_it_runs_every_ten_minutes_in_utc(self, spec):
        assert (spec()["schedule"], spec()["timeZone"]) == ("*/10 * * * *", "Etc/UTC")

    def test_one_run_at_a_time_that_is_over_before_the_next(self, spec):
        made = spec(intervalMinutes=5)
        assert made["concurrencyPolicy"] == "Forbid"
        assert made["startingDeadlineSeconds"] == 150
        assert made["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 300

    def test_a_run_that_is_too_late_is_left_to_the_next(self, spec):
        assert spec(intervalMinutes=60)["startingDeadlineSeconds"] == 600

    def test_finished_runs_do_not_pile_up(self, spec):
        made = spec()
        assert made["successfulJobsHistoryLimit"] == made["failedJobsHistoryLimit"] == 3
        assert made["jobTemplate"]["spec"]["ttlSecondsAfterFinished"] == 21_600

    def test_a_failed_run_is_repeated_once_unless_its_configuration_is_wrong(self, job):
        made = job()
        assert made["backoffLimit"] == 1
        (rule,) = made["podFailurePolicy"]["rules"]
        assert rule == {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [2]}}

    def test_disabled_it_stays_but_sleeps(self, spec):
        assert spec()["suspend"] is False
        assert spec(enabled=False)["suspend"] is True


class TestPod:
    def test_it_has_no_rights_at_all(self, pod, deployed):
        made = pod()
        assert made["automountServiceAccountToken"] is False
        assert made["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 65532,
            "runAsGroup": 65532,
            "fsGroup": 65532,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert made["containers"][0]["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert deployed().one(SERVICE_ACCOUNT).inputs["automountServiceAccountToken"] is False

    def test_it_carries_the_environment_that_the_original_design_promised(self, pod):
        thresholds = {"zscore": 2.5, "movingAveragePercent": 40}
        assert variables(pod(thresholds=thresholds)) == {
            "PROMETHEUS_URL": "http://prometheus.monitoring:9090",
            "ANOMALY_DETECTION_ENABLED": "true",
            "ANOMALY_CHECK_INTERVAL_MINUTES": "10",
            "ANOMALY_THRESHOLD_ZSCORE": "2.5",
            "ANOMALY_THRESHOLD_MA_PERCENT": "40",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def test_its_image_and_resources_are_the_stacks(self, pod):
        digest = "sha256:" + "a" * 64
        (container,) = pod(image={"digest": digest}, resources={"memory": "1Gi"})["containers"]
        assert container["image"].endswith(f":1.0.0@{digest}")
        assert container["resources"]["limits"]["memory"] == "1Gi"
        assert container["resources"]["requests"] == {"cpu": "100m", "memory": "1Gi"}

    def test_one_core_and_half_a_gigabyte_are_enough(self, pod):
        (container,) = pod()["containers"]
        assert container["resources"]["limits"] == {"cpu": "1", "memory": "512Mi"}

    def test_it_can_write_nowhere_but_to_its_scratch_space_and_its_state(self, pod):
        mounted = {"/bundle": True, "/config": True, "/tmp": False, "/state": False}
        assert mounts(pod()) == mounted
        assert source(pod(), "tmp")["emptyDir"] == {"sizeLimit": "1Gi"}


class TestShards:
    def test_share_the_series_of_one_job(self, job):
        made = job(shards=4, state=None)
        assert made["completionMode"] == "Indexed"
        assert made["completions"] == made["parallelism"] == 4
        assert variables(made["template"]["spec"])["JOB_COMPLETION_COUNT"] == "4"

    def test_one_that_fails_is_repeated_and_takes_no_other_with_it(self, job):
        made = job(shards=4, state=None)
        assert made["backoffLimitPerIndex"] == 1
        assert "backoffLimit" not in made


class TestState:
    def test_a_run_leaves_what_the_next_one_needs(self, deployed):
        claim = deployed().one(PERSISTENT_VOLUME_CLAIM)
        assert claim.spec["resources"] == {"requests": {"storage": "1Gi"}}
        assert "storageClassName" not in claim.spec

    def test_a_run_leaves_nothing_where_nobody_wants_it_to(self, pod):
        assert "/state" not in mounts(pod(state=None))

    def test_a_volume_outlives_the_pod(self, deployed):
        graph = deployed(state={"size": "2Gi", "storageClass": "fast"})
        claim = graph.one(PERSISTENT_VOLUME_CLAIM)
        assert claim.where == ("anomaly-detection", "anomaly-detector-state")
        assert claim.spec == {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "fast",
            "resources": {"requests": {"storage": "2Gi"}},
        }
        pod = graph.one(CRON_JOB).spec["jobTemplate"]["spec"]["template"]["spec"]
        assert source(pod, "state")["persistentVolumeClaim"]["claimName"] == claim.metadata["name"]
        assert mounts(pod)["/state"] is False

    def test_nobody_waits_for_a_volume_that_its_first_pod_brings(self, deployed):
        claim = deployed(state={}).one(PERSISTENT_VOLUME_CLAIM)
        assert claim.metadata["annotations"] == {"pulumi.com/skipAwait": "true"}


class TestDeployment:
    @pytest.fixture
    def deployment(self, deployed):
        return lambda **keys: deployed(mode="deployment", **keys).one(DEPLOYMENT)

    def test_one_pod_stays_and_runs_again_and_again(self, deployment):
        spec = deployment(intervalMinutes=5).spec
        pod = spec["template"]["spec"]
        assert pod["containers"][0]["command"][-2:] == ["--every", "5m"]
        assert pod["restartPolicy"] == "Always"
        assert spec["replicas"] == 1

    def test_the_old_one_goes_before_the_new_one_comes(self, deployment):
        assert deployment().spec["strategy"] == {"type": "Recreate"}

    def test_it_selects_its_own_pods(self, deployment):
        spec = deployment().spec
        labels = spec["template"]["metadata"]["labels"]
        assert spec["selector"]["matchLabels"].items() <= labels.items()

    def test_without_a_volume_it_remembers_as_long_as_the_pod_lives(self, deployment):
        pod = deployment(state=None).spec["template"]["spec"]
        assert source(pod, "state")["emptyDir"] == {"sizeLimit": "4Gi"}

    def test_disabled_it_has_no_pod(self, deployment):
        assert deployment(enabled=False).spec["replicas"] == 0

    def test_it_has_the_rights_of_the_other_pod(self, deployment, pod):
        ours, theirs = deployment().spec["template"]["spec"], pod()
        assert ours["securityContext"] == theirs["securityContext"]
        assert (
            ours["containers"][0]["securityContext"] == theirs["containers"][0]["securityContext"]
        )

    def test_clusters_without_pods_need_not_wait_for_one(self, deployment):
        assert "annotations" not in deployment().metadata
        annotations = deployment(skipAwait=True).metadata["annotations"]
        assert annotations == {"pulumi.com/skipAwait": "true"}

    def test_there_is_no_cron_job_beside_it(self, deployed):
        assert deployed(mode="deployment").all(CRON_JOB) == []


class TestSecrets:
    def test_lie_in_a_secret_and_nowhere_else(self, deployed):
        graph = deployed(secrets={"slack-webhook": WEBHOOK})
        secret = graph.one(SECRET)
        assert secret.secrets
        assert base64.b64decode(secret.inputs["data"]["slack-webhook"]).decode() == WEBHOOK
        others = [str(item.inputs) for item in graph if item != secret]
        assert not any(WEBHOOK in text for text in others)

    def test_are_mounted_for_the_detector_only(self, deployed):
        graph = deployed(secrets={"slack-webhook": WEBHOOK})
        pod = graph.one(CRON_JOB).spec["jobTemplate"]["spec"]["template"]["spec"]
        assert source(pod, "secrets")["secret"] == {
            "secretName": graph.one(SECRET).metadata["name"],
            "defaultMode": 0o440,
        }
        assert mounts(pod)["/secrets"] is True
        assert graph.waits(graph.one(CRON_JOB), graph.one(SECRET))

    def test_that_somebody_else_makes_are_mounted_as_well(self, deployed):
        existing = {"name": "from-vault", "entries": ["slack-webhook"]}
        graph = deployed(existingSecret=existing)
        pod = graph.one(CRON_JOB).spec["jobTemplate"]["spec"]["template"]["spec"]
        assert source(pod, "secrets")["secret"]["secretName"] == "from-vault"
        assert graph.all(SECRET) == []

    def test_without_any_nothing_is_mounted(self, pod):
        assert "/secrets" not in mounts(pod())

    def test_do_not_name_objects(self, deployed):
        names = [
            {item.name: item.metadata["name"] for item in deployed(secrets=secrets).objects}
            for secrets in ({"pagerduty-key": "a"}, {"pagerduty-key": "b"})
        ]
        assert names[0] == names[1]


class TestRollout:
    def test_the_pod_mounts_the_files_that_the_stack_made(self, deployed):
        graph = deployed()
        pod = graph.one(CRON_JOB).spec["jobTemplate"]["spec"]["template"]["spec"]
        made = {item.metadata["name"] for item in graph.all(CONFIG_MAP)}
        mounted = {source(pod, name)["configMap"]["name"] for name in ("bundle", "config")}
        assert mounted == made

    def test_files_are_immutable_and_come_first(self, deployed):
        graph = deployed()
        for item in graph.all(CONFIG_MAP):
            assert item.inputs["immutable"] is True
            assert graph.waits(graph.one(CRON_JOB), item)

    def test_another_configuration_is_another_object_and_another_pod(self, pod):
        before, after = pod(), pod(step="30s")
        assert source(before, "config") != source(after, "config")
        assert source(before, "bundle") == source(after, "bundle")


class TestAnomalyDetector:
    @pytest.mark.parametrize("mode", ["cronjob", "deployment"])
    def test_it_tells_where_it_is(self, deployed, mode):
        component = deployed(mode=mode).one("brisa:anomaly_detector:AnomalyDetector")
        assert component.outputs == {"workload": f"anomaly-{mode}"}

    def test_a_stack_that_wants_none_gets_none(self, deployed):
        assert deployed(install=False, secrets={"pagerduty-key": "a"}).objects == []


class TestCage:
    @pytest.fixture
    def ways(self, deployed):
        """The ways out that policies open, by their names."""

        def make(**keys):
            policies = deployed(**keys).all(NETWORK_POLICY)
            return {
                policy.metadata["name"]: policy.spec["egress"]
                for policy in policies
                if "egress" in policy.spec
            }

        return make

    def test_the_namespace_admits_restricted_pods_only(self, deployed):
        labels = deployed().one(NAMESPACE).metadata["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"

    def test_nothing_is_allowed_by_default(self, deployed):
        deny = deployed().one(NETWORK_POLICY, "default-deny").spec
        assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

    @pytest.mark.parametrize(
        "url,port",
        [("http://prometheus.monitoring:9090", 9090), ("https://prometheus.example/base", 443)],
    )
    def test_the_detector_may_ask_dns_and_prometheus(self, ways, url, port):
        found = ways(prometheusUrl=url, prometheusNamespace="metrics")
        assert set(found) == {"allow-prometheus"}
        dns, prometheus = found["allow-prometheus"]
        assert {entry["protocol"] for entry in dns["ports"]} == {"UDP", "TCP"}
        assert {entry["port"] for entry in dns["ports"]} == {53}
        assert prometheus["ports"] == [{"port": port, "protocol": "TCP"}]
        namespace = {"kubernetes.io/metadata.name": "metrics"}
        assert prometheus["to"] == [{"namespaceSelector": {"matchLabels": namespace}}]

    def test_and_the_servers_that_results_go_to(self, ways):
        found = ways(results=SERVERS)
        assert set(found) == {"allow-prometheus", "allow-remote-write", "allow-alertmanager"}
        ports = [rule["ports"][0]["port"] for rule in found["allow-alertmanager"]]
        assert ports == [9093, 9094]
        namespace = {"kubernetes.io/metadata.name": "alerts"}
        for rule in found["allow-alertmanager"]:
            assert rule["to"] == [{"namespaceSelector": {"matchLabels": namespace}}]

    def test_a_server_outside_the_cluster_may_be_anywhere_at_its_port(self, ways):
        (rule,) = ways(results=SERVERS)["allow-remote-write"]
        assert rule["ports"] == [{"port": 443, "protocol": "TCP"}]
        assert rule["to"] == [
            {"ipBlock": {"cidr": "0.0.0.0/0"}},
            {"ipBlock": {"cidr": "::/0"}},
        ]

    @pytest.mark.parametrize("entry", ["slack-webhook", "pagerduty-key"])
    def test_webhooks_open_the_way_out_but_to_nobody_inside(self, ways, entry):
        (rule,) = ways(secrets={entry: "x"})["allow-webhooks"]
        assert rule["ports"] == [{"port": 443, "protocol": "TCP"}]
        four, six = (peer["ipBlock"] for peer in rule["to"])
        assert {"10.0.0.0/8", "169.254.0.0/16", "192.168.0.0/16"} <= set(four["except"])
        assert {"fc00::/7", "fe80::/10"} <= set(six["except"])

    def test_a_password_of_prometheus_opens_no_way_out(self, ways):
        assert set(ways(secrets={"prometheus": "x"})) == {"allow-prometheus"}


class Registered:
    """The objects of a stack, as the API server would tell them."""

    def __init__(self, graph):
        kinds = {
            "ConfigMap": CONFIG_MAP,
            "Secret": SECRET,
            "PersistentVolumeClaim": PERSISTENT_VOLUME_CLAIM,
        }
        self.held = {
            (kind, *item.where): item.inputs for kind, of in kinds.items() for item in graph.all(of)
        }

    def get(self, kind, namespace, name):
        return self.held.get((kind, namespace, name))


class TestExactPodCommand:
    """What the pod runs, run here: command, environment and mounted files from the objects."""

    @pytest.fixture
    def run(self, deployed, tmp_path, capfd, prometheus):
        def run(**keys):
            graph = deployed(prometheusUrl="http://prometheus.monitoring:9090", **keys)
            item = graph.one(CRON_JOB)
            job = Job.of({"metadata": item.metadata, "spec": item.spec})
            pod = Pod.of(job, None, Registered(graph))
            folders = Folders(tmp_path / "pod", tmp_path / "claims")
            code = pod.run(folders, {"prometheus.monitoring:9090": prometheus.url})
            return code, *capfd.readouterr()

        return run

    def test_it_reports_the_anomaly_of_a_service(self, run, prometheus):
        labels = {
            "destination_service_namespace": "brisa",
            "destination_service_name": "api-service",
        }
        prometheus.serve(spike=labels)
        code, out, err = run(lookback="24h", step="1m")
        assert code == 0, err
        report = json.loads(out)
        assert [signal["name"] for signal in report["signals"]] == list(REQUESTS)
        assert {alert["service"] for alert in report["alerts"]} == {"brisa/api-service"}

    def test_it_fails_when_prometheus_does(self, run, prometheus):
        prometheus.refuse(400, "parse error")
        code, _, err = run()
        assert code == 1
        assert "parse error" in err
        assert "Traceback" not in err
