"""What was injected becomes a fault that the detector is graded by."""

import json

from anomaly.offline.faults import read_faults
from ops.chaos.windows import windows
from tests.ops.chaos.report.test_runs import event, fault, node, record, said
from tests.ops.conftest import NOW, made

LABELS = {"destination_service_namespace": "shop", "destination_service_name": "api"}


def step(kind="PodChaos", action="pod-failure", name="pod-failure"):
    found = node(kind, "01:00", "01:30", name)
    selector = {"namespaces": ["shop"], "labelSelectors": {"app": "api"}}
    found["spec"]["podChaos"] = {"action": action, "selector": selector}
    return found


def of_workflow(*events, nodes=None):
    return windows([], [made("Workflow")], nodes or [step()], events, NOW)


def test_a_step_lasts_from_the_first_pod_to_the_last():
    (found,) = of_workflow(
        said("Applied", "01:02"), said("Applied", "01:04"), said("Recovered", "01:33")
    )
    assert (found.name, found.type) == ("shop/pod-failure", "PodChaos pod-failure")
    assert f"{found.start:%M:%S} {found.end:%M:%S}" == "01:02 01:33"
    assert found.labels == LABELS


def test_what_happens_once_is_over_at_once():
    (found,) = of_workflow(said("Applied", "01:02"), nodes=[step(action="pod-kill")])
    assert found.start == found.end


def test_a_step_that_hit_nobody_is_none():
    assert of_workflow(said("Started", "01:02"), said("Failed", "01:03")) == []


def test_an_experiment_of_its_own_is_told_by_its_records():
    item = fault(record("shop/a", event("Apply", "00:05"), event("Recover", "00:31")))
    (found,) = windows([item], [], [], [], NOW)
    assert f"{found.start:%M:%S} {found.end:%M:%S}" == "00:05 00:31"


def test_one_that_still_goes_on_is_none_yet():
    item = fault(record("shop/a", event("Apply", "00:05"), phase="Injected"), desired="Run")
    assert windows([item], [], [], [], NOW) == []


def test_the_detector_reads_the_list(tmp_path):
    path = tmp_path / "faults.json"
    found = of_workflow(said("Applied", "01:02"), said("Recovered", "01:33"))
    path.write_text(json.dumps([each.model_dump(mode="json") for each in found]))
    (read,) = read_faults(path)
    assert (read.kind, read.labels) == ("PodChaos pod-failure", LABELS)
