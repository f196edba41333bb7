"""What differs between the cluster and Git; the API server's part is another test's."""

import base64
from copy import deepcopy

import pytest
import yaml

from ops.cluster.discovery import Resource
from ops.errors import NotFoundError, RefusedError, UsageError
from ops.gitops import build as building
from ops.gitops.diff import get_diff
from tests.ops.conftest import made

OWNED = {
    "kustomize.toolkit.fluxcd.io/name": "apps",
    "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
}


def deployment(replicas=2, **about):
    spec = {"replicas": replicas, "template": {"spec": {"containers": [{"image": "x:1"}]}}}
    return made("Deployment", "api", api_version="apps/v1", metadata=about, spec=spec)


def owned(item):
    item = deepcopy(item)
    item["metadata"]["labels"] = {**item["metadata"].get("labels", {}), **OWNED}
    return item


class FakeCluster:
    """Objects, and a dry run that lays what is applied over what is there."""

    def __init__(self, *objects, refused=""):
        self.objects = {(o["kind"], o["metadata"]["name"]): o for o in objects}
        self.refused = refused

    @property
    def catalogue(self):
        return self

    def find(self, kind):
        return Resource(kind.api_version, kind.kind, f"{kind.kind.lower()}s")

    def group(self, _suffix):
        names = frozenset({"kustomization"})
        return [Resource("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "x", names=names)]

    def get(self, kind, _namespace, name):
        try:
            return self.objects[kind.kind, name]
        except KeyError:
            raise NotFoundError(name) from None

    def one(self, kind, _namespace, name):
        return self.objects.get((kind.kind, name))

    def all(self, kind):
        return [o for (found, _), o in self.objects.items() if found == kind.kind]

    def dry_apply(self, item, *, manager):
        assert manager == "kustomize-controller"
        if self.refused:
            raise RefusedError(self.refused)
        return _over(self.objects[item["kind"], item["metadata"]["name"]], item)


def _over(there, applied):
    if not isinstance(there, dict) or not isinstance(applied, dict):
        return applied
    return {**there, **{key: _over(there.get(key), value) for key, value in applied.items()}}


def kustomization(**spec):
    entries = spec.pop("inventory", [])
    return made(
        "Kustomization",
        "apps",
        "flux-system",
        spec={"prune": True, **spec},
        status={"inventory": {"entries": [{"id": each, "v": "v1"} for each in entries]}},
    )


@pytest.fixture
def diff(monkeypatch, tmp_path):
    """Compare what is there with what Git says."""

    def run(git, *there, refused="", **spec):
        text = yaml.safe_dump_all(git)
        monkeypatch.setattr(building, "_kustomized", lambda *_: text)
        cluster = FakeCluster(kustomization(**spec), *there, refused=refused)
        return get_diff("apps", folder=tmp_path, cluster=cluster)

    return run


def told(found):
    return [(each.what, each.kind, [d.path for d in each.differences]) for each in found.objects]


class TestDrift:
    def test_nothing_differs_where_all_is_as_git_says(self, diff):
        found = diff([deployment()], owned(deployment()))
        assert found.well
        assert found.objects == ()

    def test_a_value_that_somebody_changed(self, diff):
        found = diff([deployment(2)], owned(deployment(5)))
        assert not found.well
        assert told(found) == [("changed", "Deployment", ["spec.replicas"])]
        (difference,) = found.objects[0].differences
        assert (difference.before, difference.after) == (5, 2)

    def test_an_object_that_somebody_deleted(self, diff):
        assert told(diff([deployment()])) == [("created", "Deployment", [])]

    def test_an_object_that_git_does_not_say_any_more(self, diff):
        found = diff([], inventory=["shop_old_apps_Deployment"])
        assert told(found) == [("deleted", "Deployment", [])]
        assert (found.objects[0].namespace, found.objects[0].name) == ("shop", "old")

    def test_nothing_is_deleted_that_is_not_pruned(self, diff):
        assert diff([], inventory=["shop_old_apps_Deployment"], prune=False).well

    def test_what_the_api_server_would_not_take(self, diff):
        found = diff([deployment()], owned(deployment()), refused="the field is immutable")
        assert told(found) == [("refused", "Deployment", [])]
        assert found.objects[0].note == "the field is immutable"

    def test_what_only_the_api_server_writes_is_no_drift(self, diff):
        there = owned(deployment())
        there["metadata"] |= {"resourceVersion": "7", "generation": 3}
        there["status"] = {"readyReplicas": 1}
        assert diff([deployment()], there).well


class TestIgnored:
    def test_the_number_of_pods_is_the_autoscalers(self, diff):
        scaled = {"scaleTargetRef": {"kind": "Deployment", "name": "api"}}
        autoscaler = made("HorizontalPodAutoscaler", "api", spec=scaled)
        assert diff([deployment(2)], owned(deployment(5)), autoscaler).well

    def test_another_workloads_autoscaler_says_nothing_of_it(self, diff):
        scaled = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}
        autoscaler = made("HorizontalPodAutoscaler", "web", spec=scaled)
        assert not diff([deployment(2)], owned(deployment(5)), autoscaler).well

    @pytest.mark.parametrize(
        "target, well",
        [({}, True), ({"kind": "Deployment"}, True), ({"kind": "Service"}, False)],
    )
    def test_what_the_kustomization_ignores(self, diff, target, well):
        rules = [{"paths": ["/spec/replicas"], "target": target}]
        assert diff([deployment(2)], owned(deployment(5)), ignore=rules).well is well

    @pytest.mark.parametrize(
        "key, value", [("reconcile", "disabled"), ("ssa", "Ignore"), ("ssa", "IfNotPresent")]
    )
    def test_what_flux_leaves_alone(self, diff, key, value):
        notes = {f"kustomize.toolkit.fluxcd.io/{key}": value}
        assert diff([deployment(2)], owned(deployment(5, annotations=notes))).well


class TestSecrets:
    def secret(self, text):
        data = {"password": base64.b64encode(text.encode()).decode()}
        return made("Secret", "db", api_version="v1", data=data)

    def test_values_of_a_secret_are_not_shown(self, diff):
        found = diff([self.secret("new")], owned(self.secret("old")))
        (difference,) = found.objects[0].differences
        assert (difference.path, difference.before, difference.after) == (
            "data.password",
            "***",
            "***",
        )

    def test_nor_where_a_variable_brings_them(self, diff):
        git = made("ConfigMap", "c", api_version="v1", data={"url": "db://${password}@host"})
        there = owned(made("ConfigMap", "c", api_version="v1", data={"url": "db://nobody@host"}))
        build = {"substituteFrom": [{"kind": "Secret", "name": "db"}]}
        found = diff([git], there, self.secret("hunter2"), postBuild=build)
        assert "hunter2" not in found.model_dump_json()
        assert told(found) == [("changed", "ConfigMap", ["data.url"])]

    def test_what_sops_encrypted_is_said_and_is_no_drift(self, diff):
        found = diff([{**self.secret("x"), "sops": {"mac": "y"}}])
        assert told(found) == [("unread", "Secret", [])]
        assert found.well


class TestVariables:
    def built(self, diff, text, there, **build):
        git = made("ConfigMap", "c", api_version="v1", data={"x": text})
        applied = owned(made("ConfigMap", "c", api_version="v1", data={"x": there}))
        return diff([git], applied, postBuild=build).well

    def test_are_replaced(self, diff):
        assert self.built(diff, "${zone}-1", "eu-1", substitute={"zone": "eu"})

    def test_have_defaults(self, diff):
        assert self.built(diff, "${zone:=us}-1", "us-1", substitute={"other": "x"})

    def test_that_must_come_from_somewhere_are_missed(self, diff):
        with pytest.raises(UsageError, match="there is no ConfigMap flux-system/cluster"):
            self.built(diff, "x", "x", substituteFrom=[{"kind": "ConfigMap", "name": "cluster"}])


def test_only_kustomizations_have_a_folder(diff, tmp_path):
    with pytest.raises(UsageError, match="Flux has no kind 'hr'"):
        get_diff("hr/apps", folder=tmp_path, cluster=FakeCluster())


def test_a_folder_that_is_not_there_is_named(tmp_path):
    cluster = FakeCluster(kustomization())
    with pytest.raises(UsageError, match="or give --path"):
        get_diff("apps", folder=tmp_path / "nowhere", cluster=cluster)
