"""How all of Flux stands."""

from types import SimpleNamespace

from ops.cluster.discovery import Resource
from ops.errors import ForbiddenError
from ops.gitops.status import flux_kinds, status_of
from tests.ops.conftest import NOW, made, ready

KUSTOMIZATIONS = Resource("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "kustomizations")
SOURCES = Resource("source.toolkit.fluxcd.io/v1", "GitRepository", "gitrepositories")


def source(revision):
    status = {"conditions": [ready()], "artifact": {"revision": revision}}
    return made("GitRepository", "infra", status=status)


def kustomization(name, revision, *, condition=None, of="infra", **spec):
    return made(
        "Kustomization",
        name,
        spec={"sourceRef": {"kind": "GitRepository", "name": of}, **spec},
        status={"conditions": [condition or ready()], "lastAppliedRevision": revision},
    )


def status(kustomizations, sources=()):
    return status_of({KUSTOMIZATIONS: kustomizations, SOURCES: list(sources)}, NOW)


class TestStatus:
    def test_is_well_when_all_is_applied(self):
        found = status([kustomization("apps", "main@sha1:1")], [source("main@sha1:1")])
        assert found.well
        assert {each.state for each in found.objects} == {"ready"}

    def test_sees_what_lags_behind_its_source(self):
        found = status([kustomization("apps", "main@sha1:1")], [source("main@sha1:2")])
        (apps,) = [each for each in found.objects if each.name == "apps"]
        assert (apps.state, apps.available) == ("progressing", "main@sha1:2")

    def test_shows_the_worst_first(self):
        found = status(
            [
                kustomization("a", "1"),
                kustomization("b", "1", suspend=True),
                kustomization("c", "1", condition=ready("False", "BuildFailed")),
            ]
        )
        assert [each.name for each in found.objects] == ["c", "b", "a"]
        assert not found.well

    def test_a_suspension_alone_is_no_fault(self):
        assert status([kustomization("a", "1", suspend=True)]).well

    def test_what_could_not_be_asked_is_said_and_hides_nothing_else(self):
        refused = ForbiddenError("not allowed: cannot list gitrepositories")
        found = status_of({KUSTOMIZATIONS: [kustomization("a", "1")], SOURCES: refused}, NOW)
        assert found.unknown == ("gitrepositories: not allowed: cannot list gitrepositories",)
        assert [each.name for each in found.objects] == ["a"]
        assert not found.well


def test_what_the_operator_reports_of_others_is_nothing_that_flux_reconciles():
    report = Resource("fluxcd.controlplane.io/v1", "FluxReport", "fluxreports")
    served = {"toolkit.fluxcd.io": [SOURCES], "fluxcd.controlplane.io": [report]}
    cluster = SimpleNamespace(catalogue=SimpleNamespace(group=served.get))
    assert flux_kinds(cluster) == [SOURCES]
