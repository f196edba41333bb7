"""`init` writes a stack file that the program takes, from answers or from a cluster."""

import io
import json

import pytest
import yaml

from ops.cli import main
from ops.cluster import Resource
from ops.delivery.init.proposal import propose
from ops.delivery.init.questions import QUESTIONS
from ops.delivery.rendering.rendering import Rendering, render
from ops.delivery.rendering.stacks import ROOT, configuration
from ops.errors import NotInstalledError
from tests.ops.conftest import made
from tests.ops.delivery.objects import HeldCluster

DIGEST = f"sha256:{'7c' * 32}"
KEY = "ed25519:aaa"
GIVEN = {
    "context": "prod",
    "services": "shop/web:3000,shop/api:8080",
    "repository": "https://git.example.org/shop",
    "promotion": "off",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    return tmp_path


@pytest.fixture
def init(folder, capsys):
    """Run it for the stack `shop`; returns exit code, stdout and stderr."""

    def command(*arguments, **given):
        flags = [f"--{name}={text}" for name, text in given.items()]
        code = main(["init", "--stack", "shop", f"--cwd={folder}", *flags, *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def taken(monkeypatch):
    """The program takes any stack; what it says to them is for other tests."""
    monkeypatch.setattr("ops.delivery.commands.init.render", lambda *_: Rendering(stack="shop"))


def config(folder):
    content = yaml.safe_load((folder / "Pulumi.shop.yaml").read_text())["config"]
    return {key.partition(":")[2]: value for key, value in content.items()}


STACKS = {
    "the least": {},
    "staging": {"environment": "staging", "promotion": ""},
    "everything": {
        "identifier": "prod-1", "calls": "ingress:web,web:api", "branch": "release",
        "path": "infra/gitops", "adopt": "flux,istio,chaos-mesh",
        "prometheus": "http://thanos.observe:9090", "rules": "configMap",
        "image": f"registry.example:5000/team/detector:1.2@{DIGEST}", "slack": "#shop",
    },
    "a Prometheus elsewhere": {
        "prometheus": "https://mimir.example.org/prometheus", "rules": "none",
        "image": f"registry.example/detector@{DIGEST}",
    },
}  # fmt: skip


class TestWhatIsWritten:
    @pytest.mark.parametrize("changes", STACKS.values(), ids=STACKS.keys())
    def test_passes_the_settings_and_breaks_no_rule(self, init, folder, changes):
        given = {key: text for key, text in {**GIVEN, **changes}.items() if text}
        code, _, err = init(**given)
        assert code == 0, err
        assert "mandatory" not in err
        assert not list(folder.rglob("*.json"))  # without a gate every rule is as it comes

    def test_says_what_was_answered(self, init, folder, taken):
        init(**GIVEN | STACKS["everything"])
        done = render("shop", configuration("shop", folder))
        assert done.diagnostics == ()
        assert [each.rule for each in done.findings if each.mandatory] == []
        said = config(folder)
        assert said["promotion"] == "off"
        assert said["cluster"] == {"context": "prod", "clusterIdentifier": "prod-1"}
        assert said["services"][1]["callers"] == ["web"]
        assert [said[area]["install"] for area in ("gitops", "mesh", "chaos")] == [
            "none", False, False,
        ]  # fmt: skip
        assert said["anomaly"]["image"] == {
            "repository": "registry.example:5000/team/detector", "tag": "1.2", "digest": DIGEST,
        }  # fmt: skip
        assert said["anomaly"]["prometheusNamespace"] == "observe"

    def test_trusts_the_key_of_the_gate(self, init, folder, taken):
        assert init(**GIVEN | {"promotion": KEY})[0] == 0
        rules = json.loads((folder / "policy" / "shop.json").read_text())
        assert rules["platform-promotion-verdict"]["trustedKeys"] == [KEY]
        assert "promotion" not in config(folder)

    def test_keeps_other_rules_of_the_policy_file(self, init, folder, taken):
        path = folder / "policy" / "shop.json"
        path.parent.mkdir()
        path.write_text('{"all": "advisory", "platform-promotion-verdict": {"trustedKeys": []}}')
        assert init("--force", **GIVEN | {"promotion": KEY})[0] == 0
        rules = json.loads(path.read_text())
        assert rules["all"] == "advisory"
        assert rules["platform-promotion-verdict"]["trustedKeys"] == [KEY]

    def test_is_printed_in_a_dry_run_and_not_written(self, init, folder, taken):
        code, out, _ = init("--dry-run", **GIVEN)
        assert code == 0
        assert yaml.safe_load(out)["config"]["brisa-platform:environment"] == "production"
        assert not (folder / "Pulumi.shop.yaml").exists()


class TestWhatIsThere:
    def test_is_not_written_over(self, init, folder):
        before = "config: {brisa-platform:environment: staging}\n"
        (folder / "Pulumi.shop.yaml").write_text(before)
        code, _, err = init(**GIVEN)
        assert (code, "Pulumi.shop.yaml would be written over; give --force" in err) == (2, True)
        assert (folder / "Pulumi.shop.yaml").read_text() == before

    def test_keeps_what_the_engine_wrote(self, init, folder, taken):
        secret = {"secure": "v1:abc"}
        before = {"encryptionsalt": "v1:xyz", "config": {"brisa-platform:slackToken": secret}}
        (folder / "Pulumi.shop.yaml").write_text(yaml.safe_dump(before))
        assert init("--force", **GIVEN)[0] == 0
        assert config(folder)["slackToken"] == secret
        assert "encryptionsalt: v1:xyz" in (folder / "Pulumi.shop.yaml").read_text()

    def test_may_be_what_the_engine_begins_with(self, init, folder, taken):
        (folder / "Pulumi.shop.yaml").write_text("encryptionsalt: v1:xyz\n")
        assert init(**GIVEN)[0] == 0


class TestAnswers:
    def test_that_are_missing_are_named_at_once(self, init):
        code, _, err = init()
        assert code == 2
        assert "give --context, --services, --repository, --promotion" in err

    def test_that_the_program_refuses_are_told_as_it_tells_them_all_at_once(self, init, folder):
        code, _, err = init(**GIVEN | {"services": "shop/Web:0", "repository": "git@x:y"})
        assert code == 2
        assert "brisa-platform:services[0].name" in err
        assert "brisa-platform:services[0].port" in err
        assert "allowed: the URL of a Git repository" in err
        assert not (folder / "Pulumi.shop.yaml").exists()

    @pytest.mark.parametrize(
        "changes, says",
        [
            ({"services": "web"}, "write NAMESPACE/NAME:PORT"),
            ({"calls": "ingress:moon"}, "no service is called 'moon'"),
            ({"calls": "moon:web"}, "no such service"),
            ({"adopt": "linkerd"}, "only flux, istio, chaos-mesh can"),
            ({"environment": "moon", "promotion": "off"}, "one of sandbox, staging, production"),
            ({"rules": "x"}, "prometheusOperator"),
            ({"image": "registry.example/x@latest"}, "give REPOSITORY@sha256:DIGEST"),
        ],
    )
    def test_that_cannot_be_meant_are_refused(self, init, changes, says):
        code, _, err = init(**GIVEN | changes)
        assert (code, says in err) == (2, True), err

    def test_are_asked_for_and_checked_one_by_one(self, init, folder, taken, monkeypatch):
        answers = ["", "prod", "", "shop/Web:80", "shop/web:80", "", "nonsense",
                   "https://git.example.org/shop", *[""] * 7, "off"]  # fmt: skip
        terminal = io.StringIO("".join(f"{each}\n" for each in answers))
        terminal.isatty = lambda: True
        monkeypatch.setattr("sys.stdin", terminal)
        code, _, err = init()
        assert code == 0, err
        assert err.count("Services, NAMESPACE") == 2
        assert "services[0].name" in err
        assert config(folder)["services"] == [{"name": "web", "namespace": "shop", "port": 80}]

    def test_are_a_dozen_or_so(self):
        assert 12 <= len(QUESTIONS) <= 14


class LiveCluster(HeldCluster):
    """Serves the kinds that it has objects of."""

    name = "live"

    def find(self, kind):
        if not self._of(kind.kind):
            raise NotInstalledError(kind.kind)
        return Resource(kind.api_version, kind.kind, f"{kind.kind.lower()}s")


def service(name="web", port="http", namespace="shop", selector=True, further=None, **ports):
    ports = [{"name": port, "port": 80, **ports}, *([further] if further else [])]
    spec = {"ports": ports, "selector": {"app": name} if selector else None}
    return made("Service", name, namespace, spec=spec)


def deployment(name="web", namespace="shop", replicas=3, labels=None, **pod):
    template = {"metadata": {"labels": labels or {"app": name, "x": "y"}}, "spec": pod}
    return made("Deployment", name, namespace, spec={"replicas": replicas, "template": template})


def route(to="web", gateways=("shop",), **http):
    http = {"route": [{"destination": {"host": to}}], **http}
    return made("VirtualService", to, spec={"gateways": list(gateways), "http": [http]})


class TestFromACluster:
    OBJECTS = (
        service(targetPort="http"),
        deployment(
            serviceAccountName="front",
            containers=[{"ports": [{"name": "http", "containerPort": 8080}]}],
        ),
        route(timeout="3s"),
        service("api", further={"name": "grpc-admin", "port": 9090}),
        deployment("api"),
        made("HorizontalPodAutoscaler", "api", spec={
            "minReplicas": 4, "scaleTargetRef": {"kind": "Deployment", "name": "api"}}),
        route("api.shop.svc.cluster.local", gateways=["mesh"]),
        service("database", port="postgres"),
        {**deployment("database", replicas=1), "kind": "StatefulSet"},
        service("nameless", port=""),
        deployment("nameless"),
        service("other"),
        deployment("other-v1", labels={"app": "other"}),
        service("elsewhere", selector=False),
        service("kube-dns", namespace="kube-system"),
        deployment("istiod", "istio-system", containers=[{"image": "pilot:1.29.2"}]),
        made("Service", "thanos", "observe", spec={"ports": [{"port": 9090}]}),
        made("Service", "prometheus-operated", "observe", spec={"ports": [{"port": 9090}]}),
    )  # fmt: skip

    def test_the_catalogue_is_proposed(self):
        found = propose(LiveCluster(*self.OBJECTS))
        assert found.answers["services"] == "shop/web:80,shop/api:80,shop/database:80"
        assert found.answers["calls"] == "ingress:web"
        assert found.live["shop", "web"] == {
            "protocol": "http", "containerPort": 8080, "replicas": 3, "serviceAccount": "front",
            "route": {"timeout": "3s"},
        }  # fmt: skip
        assert found.live["shop", "api"] == {
            "protocol": "http", "replicas": 4, "autoscaled": True,
            "furtherPorts": [{"port": 9090, "protocol": "grpc"}],
        }  # fmt: skip
        assert found.live["shop", "database"] == {
            "protocol": "tcp", "replicas": 1, "workload": "StatefulSet",
        }  # fmt: skip

    def test_what_is_left_out_is_named_with_its_reason(self):
        assert propose(LiveCluster(*self.OBJECTS)).left_out == [
            "shop/nameless: no port of it has a name, which says what it speaks",
            "shop/other: its workload is named other-v1; the catalogue has one name for both",
            "shop/elsewhere: no Deployment or StatefulSet has its pods",
            "observe/thanos: no Deployment or StatefulSet has its pods",
            "observe/prometheus-operated: no Deployment or StatefulSet has its pods",
        ]

    def test_what_is_there_is_adopted(self):
        found = propose(LiveCluster(*self.OBJECTS)).answers
        assert (found["context"], found["adopt"], found["rules"]) == ("live", "istio", "configMap")
        assert found["prometheus"] == "http://prometheus-operated.observe.svc.cluster.local:9090"

    def test_an_empty_cluster_proposes_no_services(self):
        assert propose(LiveCluster()).answers == {"context": "live", "rules": "configMap"}

    def test_the_stack_of_it_passes(self, init, folder, monkeypatch):
        cluster = LiveCluster(*self.OBJECTS)
        monkeypatch.setattr("ops.commands.options.connect", lambda *_: cluster)
        given = {"repository": "https://git.example.org/shop", "promotion": "off"}
        code, _, err = init("--from-cluster", "--yes", **given)
        assert code == 0, err
        assert "left out shop/nameless" in err
        assert config(folder)["services"][0]["callers"] == ["ingress"]
