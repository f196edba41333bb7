"""Whether STRICT would cut anybody off."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ops.errors import SourceError
from ops.mesh.mtls import MeshNamespace, MutualTls, OptOut, Workload
from ops.mesh.plaintext import get_plain_text

WEEK = timedelta(days=7)
CALL = {
    "destination_workload_namespace": "shop",
    "destination_workload": "api",
    "destination_service_name": "api-service",
    "source_workload_namespace": "unknown",
    "source_workload": "unknown",
}


class FakePrometheus:
    """Answers by what the question is about."""

    def __init__(self, *, http=(), tcp=(), before=("shop",)):
        self.answers = {"http": http, "tcp": tcp}
        self.before = before
        self.asked = []

    def query(self, text):
        self.asked.append(text)
        if text.startswith("count"):
            return [({"destination_workload_namespace": each}, 1.0) for each in self.before]
        return list(self.answers["tcp" if "istio_tcp" in text else "http"])


def modes(mode="PERMISSIVE"):
    api = Workload(kind="Deployment", name="api", mode=mode)
    space = MeshNamespace(name="shop", mode=mode, workloads=(api,))
    now = datetime.now(UTC)
    return MutualTls(at=now, well=mode == "STRICT", namespaces=(space,), measurement="")


def judged(prometheus, mode="PERMISSIVE"):
    found = get_plain_text(modes(mode), prometheus, WEEK)
    (space,) = found.namespaces
    return found.well, space.verdict, space.senders


def test_a_namespace_without_plain_text_for_the_whole_window_is_ready():
    assert judged(FakePrometheus()) == (True, "ready", ())


def test_a_service_that_keeps_taking_plain_text_is_no_reason_to_wait():
    found = modes()
    (space,) = found.namespaces
    opted = space.workloads[0].model_copy(
        update={"opt_out": OptOut(until=date(2999, 12, 31), reason="old tills")}
    )
    space = space.model_copy(update={"workloads": (opted,)})
    prometheus = FakePrometheus(http=[(CALL, 12.0)])
    told = get_plain_text(found.model_copy(update={"namespaces": (space,)}), prometheus, WEEK)
    assert told.namespaces[0].verdict == "ready"


@pytest.mark.parametrize("protocol", ["http", "tcp"])
def test_who_sent_plain_text_is_named(protocol):
    well, verdict, (sender,) = judged(FakePrometheus(**{protocol: [(CALL, 12.0)]}))
    assert (well, verdict) == (False, "plain")
    assert (sender.workload, sender.service, sender.source) == ("api", "api-service", "unknown")
    assert (sender.protocol, sender.number) == (protocol, 12.0)


def test_silence_of_what_was_not_measured_proves_nothing():
    assert judged(FakePrometheus(before=()))[:2] == (False, "unmeasured")


def test_without_anybody_to_ask_nothing_is_ready():
    assert judged(None)[:2] == (False, "unmeasured")


def test_a_prometheus_that_fails_proves_nothing():
    class Failing:
        def query(self, _):
            raise SourceError("gone")

    found = get_plain_text(modes(), Failing(), WEEK)
    assert not found.well
    assert found.measurement == "not measured: gone"


def test_what_is_strict_already_needs_no_proof():
    assert judged(None, "STRICT") == (True, "strict", ())


def test_a_counter_that_has_only_begun_counts():
    """Its first event is its first sample; an increase would be nothing."""
    asking = FakePrometheus()
    judged(asking)
    plain = 'istio_requests_total{reporter="destination", connection_security_policy!="mutual_tls"}'
    assert any(f"({plain} unless {plain} offset 604800s)" in each for each in asking.asked)
