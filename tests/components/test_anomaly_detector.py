import base64
import json
import os
import subprocess
import sys

import pytest

from components.anomaly_detector import AnomalyDetector
from vocabulary.kinds import CONFIG_MAP, CRON_JOB, NAMESPACE, NETWORK_POLICY, SERVICE_ACCOUNT


@pytest.fixture
def deployed(deploy, anomaly, service):
    def run(**keys):
        settings = anomaly(**keys)
        return deploy(lambda: AnomalyDetector("anomaly", settings, [service()]))

    return run


@pytest.fixture
def spec(deployed):
    return lambda **keys: deployed(**keys).one(CRON_JOB).spec


@pytest.fixture
def pod(spec):
    return lambda **keys: spec(**keys)["jobTemplate"]["spec"]["template"]["spec"]


def source(pod, volume):
    (found,) = [entry for entry in pod["volumes"] if entry["name"] == volume]
    return found["configMap"]["name"]


class TestWhen:
    def test_it_runs_every_ten_minutes_in_utc(self, spec):
        assert (spec()["schedule"], spec()["timeZone"]) == ("*/10 * * * *", "Etc/UTC")

    def test_one_run_at_a_time_that_is_over_before_the_next(self, spec):
        made = spec(intervalMinutes=5)
        assert made["concurrencyPolicy"] == "Forbid"
        assert made["startingDeadlineSeconds"] == 150
        assert made["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 300

    def test_finished_runs_do_not_pile_up(self, spec):
        made = spec()
        assert made["successfulJobsHistoryLimit"] == made["failedJobsHistoryLimit"] == 3
        assert made["jobTemplate"]["spec"]["ttlSecondsAfterFinished"] == 21_600

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
        (container,) = pod(thresholds=thresholds)["containers"]
        assert {entry["name"]: entry["value"] for entry in container["env"]} == {
            "PROMETHEUS_URL": "http://prometheus.monitoring:9090",
            "ANOMALY_DETECTION_ENABLED": "true",
            "ANOMALY_CHECK_INTERVAL_MINUTES": "10",
            "ANOMALY_THRESHOLD_ZSCORE": "2.5",
            "ANOMALY_THRESHOLD_MA_PERCENT": "40",
        }

    def test_its_image_and_resources_are_the_stacks(self, pod):
        digest = "sha256:" + "a" * 64
        (container,) = pod(image={"digest": digest}, resources={"memory": "1Gi"})["containers"]
        assert container["image"].endswith(f":1.0.0@{digest}")
        assert container["resources"]["limits"]["memory"] == "1Gi"
        assert container["resources"]["requests"] == {"cpu": "100m", "memory": "1Gi"}


class TestRollout:
    def test_the_pod_mounts_the_files_that_the_stack_made(self, deployed):
        graph = deployed()
        pod = graph.one(CRON_JOB).spec["jobTemplate"]["spec"]["template"]["spec"]
        made = {item.metadata["name"] for item in graph.all(CONFIG_MAP)}
        assert {source(pod, "bundle"), source(pod, "config")} == made

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
    def test_it_tells_where_its_cron_job_is(self, deployed):
        component = deployed().one("brisa:anomaly_detector:AnomalyDetector")
        assert component.outputs == {"cron_job": "anomaly-cronjob"}

    def test_a_stack_that_wants_none_gets_none(self, deployed):
        assert deployed(install=False).objects == []


class TestCage:
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
    def test_the_detector_may_ask_dns_and_prometheus(self, deployed, url, port):
        graph = deployed(prometheusUrl=url, prometheusNamespace="metrics")
        dns, prometheus = graph.one(NETWORK_POLICY, "allow-prometheus").spec["egress"]
        assert {entry["protocol"] for entry in dns["ports"]} == {"UDP", "TCP"}
        assert {entry["port"] for entry in dns["ports"]} == {53}
        assert prometheus["ports"] == [{"port": port, "protocol": "TCP"}]
        namespace = {"kubernetes.io/metadata.name": "metrics"}
        assert prometheus["to"] == [{"namespaceSelector": {"matchLabels": namespace}}]


class TestExactPodCommand:
    """What the pod runs, run here: command, environment and mounted files from the objects."""

    @pytest.fixture
    def run(self, deployed, tmp_path):
        def run(url):
            graph = deployed(prometheusUrl=url)
            pod = graph.one(CRON_JOB).spec["jobTemplate"]["spec"]["template"]["spec"]
            (container,) = pod["containers"]
            maps = {item.metadata["name"]: item.inputs for item in graph.all(CONFIG_MAP)}
            folders = {}
            for mount in container["volumeMounts"]:
                content = maps[source(pod, mount["name"])]
                folder = tmp_path / mount["name"]
                folder.mkdir()
                folders[mount["mountPath"]] = folder
                for name, text in content.get("data", {}).items():
                    (folder / name).write_text(text)
                for name, coded in content.get("binaryData", {}).items():
                    (folder / name).write_bytes(base64.b64decode(coded))
            command = [sys.executable, *container["command"][1:]]
            for path, folder in folders.items():
                command = [part.replace(f"{path}/", f"{folder}/") for part in command]
            variables = {entry["name"]: entry["value"] for entry in container["env"]}
            # As in the image: nothing of this repository can be imported.
            return subprocess.run(
                command,
                cwd=tmp_path,
                env={"PATH": os.environ["PATH"]} | variables,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        return run

    def test_it_reports_the_anomaly_of_a_service(self, run, prometheus):
        prometheus.serve(spike={"destination_service_name": "api-service"})
        done = run(prometheus.url)
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert report["series"] == 4
        assert {found["signal"] for found in report["anomalies"]} == {
            "latency_p95",
            "latency_p99",
            "error_rate",
            "traffic",
        }
        assert report["anomalies"][0]["labels"] == {"destination_service_name": "api-service"}
        assert len(prometheus.queries) == 4

    def test_it_fails_when_prometheus_does(self, run, prometheus):
        prometheus.refuse(400, "parse error")
        done = run(prometheus.url)
        assert done.returncode == 1
        assert "parse error" in done.stderr
        assert "Traceback" not in done.stderr
