"""The demo's service, over real HTTP."""

import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest

from sandbox.demo.programs import service as program
from sandbox.demo.programs.service import Faults, Identity, Server, Service


@contextmanager
def serving(handler):
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def made(name="web", calls=(), version="stable"):
    return Service(Identity(name, version, f"{name}-0", tuple(calls), work_seconds=0.0001))


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


def broken(**wrong):
    return Faults(until=time.time() + 60, **wrong)


def test_the_environment_says_which_service_it_is():
    """Every service is the same program."""
    identity = Identity.of(
        {"SERVICE": "api", "VERSION": "canary", "HOSTNAME": "api-1", "CALLS": "http://a/ http://b/"}
    )

    assert identity == Identity("api", "canary", "api-1", ("http://a/", "http://b/"), 0.01)


def test_a_request_goes_along_the_edges_with_what_belongs_to_it():
    """Trace and customer, but nobody's keys; and it says whom the mesh takes the caller for."""
    seen = []

    class Last(Service):
        def answer(self, headers):
            seen.append(headers)
            return super().answer(headers)

    last = Last(Identity("booking", "stable", "booking-0", (), 0.0001))
    with (
        serving(program.public_handler(last)) as below,
        serving(program.public_handler(made(calls=[below]))) as url,
    ):
        status, body = get(
            url,
            **{
                "X-Request-Id": "r1",
                "X-Customer-Id": "7",
                "Authorization": "no",
                "X-Forwarded-Client-Cert": "me",
            },
        )

    answer = json.loads(body)
    assert status == 200
    assert answer["caller"] == "me"
    assert answer["calls"][0]["answer"]["service"] == "booking"
    assert (seen[0]["x-request-id"], seen[0]["x-customer-id"]) == ("r1", "7")
    assert "authorization" not in seen[0]


def test_who_depends_on_a_failing_service_fails_too():
    """With 502, so that its own errors can be told from those of others."""
    below_service = made("booking")
    below_service.faults = broken(errors=1.0, status=503)
    with (
        serving(program.public_handler(below_service)) as below,
        serving(program.public_handler(made(calls=[below]))) as url,
    ):
        status, body = get(url)

    assert status == 502
    assert json.loads(body)["calls"][0]["status"] == 503


def test_who_depends_on_a_service_that_is_not_there_fails_too():
    """Nobody listens at port 9."""
    with serving(program.public_handler(made(calls=["http://127.0.0.1:9/"]))) as url:
        assert get(url)[0] == 502


def test_an_outage_is_no_answer_but_health_is_still_told():
    """Kubernetes leaves the pod alone, so that the mesh's breaker has to act."""
    service = made()
    service.faults = broken(outage=True)
    with serving(program.public_handler(service)) as url:
        with pytest.raises((ConnectionError, urllib.error.URLError)):
            get(url)

        assert get(f"{url}/health")[0] == 200


def test_a_fault_ends_by_itself():
    """Whoever forgets to mend it has lost nothing."""
    service = made()
    service.faults = Faults(errors=1.0, until=time.time() - 1)
    with serving(program.public_handler(service)) as url:
        assert get(url)[0] == 200


def test_the_share_of_errors_is_what_was_asked_for():
    """Half of many, give or take."""
    service = made()
    service.faults = broken(errors=0.5, status=503)
    statuses = [service.answer({})[0] for _ in range(400)]

    assert set(statuses) == {200, 503}
    assert 140 < statuses.count(503) < 260


def test_delay_is_added():
    """To whatever the service takes itself."""
    service = made()
    service.faults = broken(delay=0.2)
    begun = time.monotonic()
    service.answer({})

    assert time.monotonic() - begun >= 0.2


def test_faults_are_set_where_only_the_pod_itself_reaches(monkeypatch, capsys):
    """By the program's own command line, which is run inside the pod."""
    service = made()
    with serving(program.operator_handler(service)) as url:
        monkeypatch.setattr(program, "FAULTS_PORT", int(url.rpartition(":")[2]))
        program.main(["faults", "--errors", "0.5", "--for", "30"])
        set_for = json.loads(capsys.readouterr().out)
        program.main(["faults"])
        shown = json.loads(capsys.readouterr().out)
        program.main(["faults", "--none"])

    assert set_for == shown
    assert (shown["errors"], shown["status"]) == (0.5, 500)
    assert 0 < shown["until"] - time.time() < 31
    assert service.faults == Faults()


@pytest.mark.parametrize("share", ["1.1", "-0.1"])
def test_a_share_is_between_none_and_all(share, capsys):
    """Said before anything is set."""
    with pytest.raises(SystemExit):
        program.main(["faults", "--errors", share])

    assert "write 0 to 1" in capsys.readouterr().err


def test_answers_are_counted_as_client_libraries_do():
    """Health checks and scrapes are no traffic."""
    service = made()
    with serving(program.public_handler(service)) as url:
        get(url)
        get(f"{url}/health")
        service.faults = broken(errors=1.0)
        get(f"{url}/anything?x=1")
        text = get(f"{url}/metrics")[1]

    samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert samples['http_requests_total{code="200"}'] == "1"
    assert samples['http_requests_total{code="500"}'] == "1"
    assert samples['http_request_duration_seconds_bucket{le="+Inf"}'] == "2"
    assert samples["http_request_duration_seconds_count"] == "2"
    assert int(samples["process_resident_memory_bytes"]) > 1_000_000


def test_another_service_is_asked_and_its_answers_counted(capsys):
    """As often as wanted, the most frequent answer first."""
    failing = made("booking")
    failing.faults = broken(errors=1.0, status=503)
    with (
        serving(program.public_handler(made("api", version="canary"))) as well,
        serving(program.public_handler(failing)) as broken_one,
    ):
        program.main(["ask", well, "--times", "3"])
        assert capsys.readouterr().out == "   3 x 200 from api canary\n"
        program.main(["ask", broken_one])
        assert capsys.readouterr().out.startswith("   1 x 503 ")
