"""What controllers have written, as controller-runtime writes it."""

import json

from ops.cluster import Ref
from ops.gitops.logs import lines_of
from vocabulary.kinds import KUSTOMIZATION


def line(name="apps", kind="Kustomization", level="info", msg="server-side apply", **more):
    said = {
        "level": level,
        "ts": "2026-11-24T12:00:00.000Z",
        "msg": msg,
        "controller": kind.lower(),
        kind: {"name": name, "namespace": "flux-system"},
        "namespace": "flux-system",
        "name": name,
    }
    return json.dumps({**said, **more})


APPS = Ref(KUSTOMIZATION, "flux-system", "apps")


def test_those_about_an_object_are_found():
    text = "\n".join([line(), line("other"), line(kind="GitRepository")])
    (found,) = lines_of(text, "kustomize-controller", APPS)
    assert (found.controller, found.about) == ("kustomize-controller", "Kustomization/apps")
    assert found.text == "server-side apply"


def test_a_line_that_names_the_object_only_by_its_controller_is_about_it_too():
    said = {"level": "info", "msg": "Reconciliation finished", "controller": "kustomization"}
    text = json.dumps({**said, "namespace": "flux-system", "name": "apps"})
    (found,) = lines_of(text, "kustomize-controller", APPS)
    assert found.about == "Kustomization/apps"


def test_an_error_is_said_with_its_cause():
    text = line(level="error", msg="Reconciler error", error="kustomize build failed")
    (found,) = lines_of(text, "kustomize-controller", APPS)
    assert (found.level, found.text) == ("error", "Reconciler error kustomize build failed")


def test_without_an_object_the_controllers_own_words_are_there_too():
    own = json.dumps({"level": "info", "ts": "2026-11-24T12:00:00Z", "msg": "starting"})
    text = f"{line()}\n{own}"
    assert [each.about for each in lines_of(text, "x", None)] == ["Kustomization/apps", ""]


def test_what_is_no_json_is_passed_over():
    assert list(lines_of("W1124 reflector: too old\n[1]\n", "x", None)) == []
