"""What Helm knows of a live release."""

from sandbox.engine.kubernetes.helm import live, model

MANIFEST = """
---
# Source: chart/templates/empty.yaml
---
apiVersion: v1
kind: Service
metadata: {name: b}
---
apiVersion: v1
kind: Service
metadata: {name: a, namespace: ns}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
"""
RECORD = {
    "name": "rel",
    "namespace": "ns",
    "version": 4,
    "manifest": MANIFEST,
    "config": {"drifted": True},
    "info": {"status": "deployed"},
    "metadata": {"chart": "nginx", "version": "1.2.3", "appVersion": "9"},
}


def test_names_are_grouped_by_kind_and_sorted():
    assert live.resource_names(MANIFEST) == {
        "Service/v1": ["b", "ns/a"],
        "Deployment.apps/apps/v1": ["web"],
    }


def test_a_release_learns_what_only_helm_knows():
    release = model.decode({"chart": "./local", "name": "rel", "values": {"a": 1}})
    live.take_over(release, RECORD)
    assert release.texts["chart"] == "./local"
    assert release.texts["version"] == "1.2.3"
    assert release.values == {"a": 1, "drifted": True}
    assert release.status == {
        "appVersion": "9",
        "chart": "nginx",
        "name": "rel",
        "namespace": "ns",
        "revision": 4,
        "status": "deployed",
        "version": "1.2.3",
    }
