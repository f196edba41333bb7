import pytest
from pydantic import TypeAdapter

from components.faults import experiment
from settings.faults import AnyFault
from vocabulary.kinds import FAULTS

POD = {"namespaces": ["brisa"], "labelSelectors": {"app": "api-service"}}
PEER = {"namespaces": ["data"], "labelSelectors": {"app": "ledger"}}
CONTAINER = {"containerNames": ["api-service"]}
TO = {"direction": "to"}
VOLUME = {"volumePath": "/data", "percent": 50}
JAVA = {"class": "shop.Cart", "method": "add"}

FAULT_SPECS = {
    "podFailure": ({}, {"action": "pod-failure"}),
    "podKill": ({}, {"action": "pod-kill"}),
    "containerKill": ({}, {"action": "container-kill"}),
    "networkDelay": (
        {},
        {"action": "delay", "delay": {"latency": "200ms", "jitter": "50ms"}},
    ),
    "networkLoss": ({"percent": 50}, {"action": "loss", "loss": {"loss": "50"}}),
    "networkDuplicate": ({}, {"action": "duplicate", "duplicate": {"duplicate": "10"}}),
    "networkCorrupt": ({}, {"action": "corrupt", "corrupt": {"corrupt": "5"}}),
    "networkPartition": (
        {"peer": "ledger"},
        {"action": "partition", "target": {"mode": "all", "selector": PEER}},
    ),
    "networkBandwidth": (
        {"kilobytesPerSecond": 64},
        {
            "action": "bandwidth",
            "bandwidth": {"rate": "64kbps", "limit": 1048576, "buffer": 32768},
        },
    ),
    "cpuStress": (
        {"workers": 2, "loadPercent": 50},
        {"stressors": {"cpu": {"workers": 2, "load": 50}}},
    ),
    "memoryStress": (
        {"size": "64MB"},
        {"stressors": {"memory": {"workers": 1, "size": "64MB"}}},
    ),
    "ioLatency": (
        {"volumePath": "/data"},
        {"action": "latency", "delay": "100ms"} | VOLUME,
    ),
    "ioError": (
        {"volumePath": "/data", "error": "ENOSPC"},
        {"action": "fault", "errno": 28} | VOLUME,
    ),
    "ioAttribute": (
        {"volumePath": "/data", "permissions": "440"},
        {"action": "attrOverride", "attr": {"perm": 288}} | VOLUME,
    ),
    "dnsError": (
        {"names": ["api.example", "shop.*"]},
        {"action": "error", "patterns": ["api.example", "shop.*"]},
    ),
    "clockSkew": ({"offset": "1m0s"}, {"timeOffset": "-1m0s"}),
    "jvmLatency": (
        {"javaClass": "shop.Cart", "method": "add"},
        {"action": "latency", "latency": 200} | JAVA,
    ),
    "jvmException": (
        {"javaClass": "shop.Cart", "method": "add"},
        {
            "action": "exception",
            "exception": 'java.io.IOException("injected by an experiment")',
        }
        | JAVA,
    ),
}


@pytest.fixture
def injected(service):
    services = {
        "api-service": service(),
        "ledger": service(name="ledger", namespace="data", callers=["api-service"]),
    }

    def inject(**keys):
        fault = TypeAdapter(AnyFault).validate_python({"name": "x", "target": "api-service"} | keys)
        return experiment(fault, services)

    return inject


class TestEachFault:
    def test_has_a_case_here(self):
        assert FAULT_SPECS.keys() == FAULTS.keys()

    @pytest.mark.parametrize("kind", FAULT_SPECS)
    def test_is_written_as_chaos_mesh_spells_it(self, injected, kind):
        keys, spec = FAULT_SPECS[kind]
        made = injected(kind=kind, **keys)
        where = TO if made.kind == "NetworkChaos" else CONTAINER
        assert made.kind == FAULTS[kind]
        assert made.spec == spec | where | {"mode": "one", "selector": POD}

    def test_has_no_duration_of_its_own(self, injected):
        assert "duration" not in injected(kind="podFailure", duration="1m0s").spec

    def test_a_clock_may_be_ahead(self, injected):
        assert injected(kind="clockSkew", clock="ahead").spec["timeOffset"] == "5m0s"


class TestVictims:
    def test_are_one_pod_unless_more_are_asked_for(self, injected):
        assert injected(kind="podFailure").spec["mode"] == "one"
        several = injected(kind="podFailure", pods=2).spec
        assert (several["mode"], several["value"]) == ("fixed", "2")

    def test_latency_above_a_second_is_one_number_and_one_unit(self, injected):
        """The definition of NetworkChaos refuses compound durations such as `1s500ms`."""
        made = injected(kind="networkDelay", latency="1s500ms", jitter="0s")
        assert made.spec["delay"] == {"latency": "1.5s", "jitter": "0s"}

    def test_packets_to_one_service_only(self, injected):
        made = injected(kind="networkLoss", peer="ledger").spec
        assert made["target"] == {"mode": "all", "selector": PEER}
        assert made["direction"] == "to"
