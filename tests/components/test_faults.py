import pytest
from pydantic import TypeAdapter

from components.faults import experiment
from settings.faults import AnyFault

SELECTION = {
    "mode": "one",
    "selector": {"namespaces": ["brisa"], "labelSelectors": {"app": "api-service"}},
}
CONTAINER = {"containerNames": ["api-service"]}


@pytest.fixture
def injected(service):
    def inject(**keys):
        fault = TypeAdapter(AnyFault).validate_python({"name": "x", "target": "api-service"} | keys)
        return experiment(fault, service())

    return inject


class TestEachFault:
    @pytest.mark.parametrize(
        "keys,kind,key,spec",
        [
            ({"kind": "podFailure"}, "PodChaos", "podChaos", {"action": "pod-failure"} | CONTAINER),
            (
                {"kind": "networkDelay"},
                "NetworkChaos",
                "networkChaos",
                {
                    "action": "delay",
                    "direction": "to",
                    "delay": {"latency": "200ms", "jitter": "50ms"},
                },
            ),
            (
                {"kind": "cpuStress", "workers": 2, "loadPercent": 50},
                "StressChaos",
                "stressChaos",
                {"stressors": {"cpu": {"workers": 2, "load": 50}}} | CONTAINER,
            ),
            (
                {"kind": "memoryStress", "size": "64MB"},
                "StressChaos",
                "stressChaos",
                {"stressors": {"memory": {"workers": 1, "size": "64MB"}}} | CONTAINER,
            ),
            (
                {"kind": "ioLatency", "volumePath": "/data"},
                "IOChaos",
                "ioChaos",
                {"action": "latency", "delay": "100ms", "percent": 50, "volumePath": "/data"}
                | CONTAINER,
            ),
        ],
        ids=lambda value: value["kind"] if isinstance(value, dict) and "kind" in value else "",
    )
    def test_is_written_as_chaos_mesh_spells_it(self, injected, keys, kind, key, spec):
        made = injected(**keys)
        assert (made.kind, made.key) == (kind, key)
        assert made.spec == spec | SELECTION

    def test_has_no_duration_of_its_own(self, injected):
        assert "duration" not in injected(kind="podFailure", duration="1m0s").spec


class TestVictims:
    def test_are_one_pod_unless_more_are_asked_for(self, injected):
        assert injected(kind="podFailure").spec["mode"] == "one"
        several = injected(kind="podFailure", pods=2).spec
        assert (several["mode"], several["value"]) == ("fixed", "2")

    def test_latency_above_a_second_is_one_number_and_one_unit(self, injected):
        """The definition of NetworkChaos refuses compound durations such as `1s500ms`."""
        made = injected(kind="networkDelay", latency="1s500ms", jitter="0s")
        assert made.spec["delay"] == {"latency": "1.5s", "jitter": "0s"}
