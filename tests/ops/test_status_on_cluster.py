"""The status of a real cluster with the objects of the stack `prod` and a few that are not well."""

import json
from datetime import UTC, datetime

import pytest

from ops.cluster import connect
from ops.platform import Sources, get_status
from vocabulary.kinds import SCHEDULE

pytestmark = pytest.mark.cluster

NAME = ("flux-system", "brisa-production")


@pytest.fixture
def status(command, prod):
    """The status by area."""

    def call(*arguments):
        done = command("status", "-o", "json", *arguments, kubeconfig=prod.kubeconfig)
        assert done.err == ""
        return done.code, {area["name"]: area for area in done.document["areas"]}

    return call


def play_flux(prod, *, ready="True", reason="ReconciliationSucceeded"):
    """Write what kustomize-controller would say of the Kustomization."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {
        "type": "Ready", "status": ready, "reason": reason, "message": "so it is",
        "lastTransitionTime": now, "observedGeneration": 1,
    }  # fmt: skip
    status = {"conditions": [condition], "lastAppliedRevision": "main@sha1:abc"}
    prod.kubectl(
        "patch", "kustomization", NAME[1], "-n", NAME[0], "--subresource=status",
        "--type=merge", "-p", json.dumps({"status": status}),
    )  # fmt: skip


class TestStatus:
    def test_of_a_stack_that_has_just_come_is_well(self, prod, status):
        play_flux(prod)
        code, areas = status()
        assert code == 0
        assert areas["gitops"]["summary"] == "1 of 3 ready at main@sha1:abc, 2 under way"
        assert areas["mesh"]["state"] == "well"
        assert areas["chaos"]["summary"].endswith("0 of 6 schedules paused, 0 stuck")
        assert areas["detector"]["state"] == "well"

    def test_says_where_nobody_can_be_asked_instead_of_guessing(self, status):
        _, areas = status()
        assert areas["alerts"]["state"] == areas["anomalies"]["state"] == "off"
        assert areas["alerts"]["summary"].startswith("nobody to ask")
        assert "not measured" in areas["mesh"]["summary"]

    def test_a_server_that_does_not_answer_makes_it_unwell(self, status):
        code, areas = status("--prometheus", "http://127.0.0.1:9")
        assert code == 3
        assert areas["alerts"]["state"] == "unknown"
        assert "cannot be reached" in areas["alerts"]["summary"]

    def test_with_servers_that_answer_all_is_asked(self, status, monitoring):
        started = monitoring()
        code, areas = status(
            "--prometheus", started.prometheus_url, "--alertmanager", started.alertmanager_url
        )
        assert code == 0
        assert areas["alerts"]["summary"] == "0 critical, 0 warning, 0 info"

    def test_sees_what_flux_cannot_apply(self, prod, status):
        play_flux(prod, ready="False", reason="BuildFailed")
        code, areas = status()
        play_flux(prod)
        assert code == 3
        assert areas["gitops"]["state"] == "unwell"
        assert "Kustomization/brisa-production: BuildFailed: so it is" in areas["gitops"]["details"]

    def test_sees_a_suspension_whose_time_is_up(self, command, prod, status):
        given = ("gitops", "suspend", NAME[1], "--reason", "incident 42", "--for", "1m")
        command(*given, kubeconfig=prod.kubeconfig)
        code, areas = status()
        assert code == 0
        assert any("suspended by" in text for text in areas["gitops"]["details"])
        record = {"by": "ann", "at": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z",
                  "reason": "incident 42"}  # fmt: skip
        note = f"platform.brisa/suspension={json.dumps(record)}"
        prod.kubectl("annotate", "kustomization", NAME[1], "-n", NAME[0], "--overwrite", note)
        code, areas = status()
        assert code == 3
        assert any("overdue: gitops resume --expired" in t for t in areas["gitops"]["details"])
        done = command("gitops", "resume", "--expired", kubeconfig=prod.kubeconfig)
        assert done.code == 0, done.err
        assert status()[0] == 0

    def test_sees_plain_text_in_the_mesh(self, prod, status):
        patch = json.dumps({"spec": {"mtls": {"mode": "PERMISSIVE"}}})
        where = ("peerauthentication", "default-mtls", "-n", "brisa-production", "--type=merge")
        prod.kubectl("delete", "validatingadmissionpolicybindings", "--all")
        prod.kubectl("patch", *where, "-p", patch)
        code, areas = status()
        prod.kubectl("patch", *where, "-p", patch.replace("PERMISSIVE", "STRICT"))
        assert code == 3
        assert areas["mesh"]["details"] == ["brisa-production: PERMISSIVE"]

    def test_sees_paused_experiments_and_who_paused_them(self, command, prod, status):
        given = ("chaos", "pause", "api-pod-failure", "-n", "brisa-production", "--reason", "x")
        command(*given, kubeconfig=prod.kubeconfig)
        code, areas = status()
        command("chaos", "resume", "--all", kubeconfig=prod.kubeconfig)
        assert code == 0
        assert "1 of 6 schedules paused" in areas["chaos"]["summary"]
        assert any(
            text.startswith("Schedule/api-pod-failure in brisa-production: paused by")
            for text in areas["chaos"]["details"]
        )

    def test_for_people_fits_on_a_screen(self, command, prod):
        shown = command("status", kubeconfig=prod.kubeconfig)
        lines = shown.out.splitlines()
        assert lines[0].startswith("brisa-sandbox is well at ")
        assert len(lines) <= 24
        assert "\x1b" not in shown.out

    def test_asks_once_for_each_kind_however_many_objects_there_are(self, prod, monkeypatch):
        cluster = connect(str(prod.kubeconfig))
        asked, request = [], cluster.request

        def counted(method, path, *rest, **options):
            asked.append((path, str(options.get("query"))))
            return request(method, path, *rest, **options)

        monkeypatch.setattr(cluster, "request", counted)
        get_status(Sources(cluster))
        cluster.close()
        assert ("/apis", "None") in asked
        assert len(asked) == len(set(asked))
        schedules = cluster.catalogue.find(SCHEDULE)
        assert sum(path == schedules.path() for path, _ in asked) == 1
