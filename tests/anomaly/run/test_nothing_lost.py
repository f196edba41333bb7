"""Nothing is lost and nothing doubled, whatever goes wrong in a run.

What a run tells goes to real servers: Prometheus takes the scores, and remembers for a run that has
no folder; Alertmanager takes the alerts; a server on loopback is Slack. Only the series that are
judged are made up. Faults are put into the second of several runs, the one that has news.
"""

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
import pytest
import requests

from anomaly.config.endpoint import Connection
from anomaly.errors import Overloaded
from anomaly.prometheus.client import Prometheus
from anomaly.run import once as module
from anomaly.run import run
from anomaly.run.once import sinks
from anomaly.settings import Settings
from anomaly.sinks.remote_write import RemoteWrite
from anomaly.state import opened
from tests.anomaly.fake_server import FakeServer, Reply
from tests.anomaly.world import DAY, STEP, World, noise, spoilt
from tests.conftest import run_monitoring

pytestmark = pytest.mark.cluster

RUN = 600
RUNS = 7
SERVICES = 5


@pytest.fixture(scope="module")
def servers(tmp_path_factory, monitoring_programs):
    """A Prometheus and an Alertmanager; each test has an environment of its own in them."""
    root = tmp_path_factory.mktemp("servers") / "monitoring"
    with run_monitoring(root, monitoring_programs) as running:
        yield running


@dataclass
class Source:
    """Made-up series, and what the detector itself has written."""

    world: World
    written: Prometheus

    def query_range(self, query, **keys):
        return (self.written if "anomaly_detector_" in query else self.world).query_range(
            query, **keys
        )


@dataclass
class Place:
    """Where a detector runs, and whom it tells."""

    environment: str
    folder: object
    servers: object
    slack: FakeServer
    first: float
    """Epoch seconds of the first run; the last is now."""
    alertmanager: str = ""
    receiver: str = ""
    reports: list = field(default_factory=list)

    def __post_init__(self):
        self.alertmanager = self.servers.alertmanager_url
        self.receiver = f"{self.servers.prometheus_url}/api/v1/write"
        self.onset = self.first + RUN - STEP
        world = World()
        for number in range(SERVICES):
            labels = {"namespace": "shop", "service": f"s{number}", "of": self.environment}
            world.add("traffic", labels, noise(number))
        labels["service"] = "s3"
        world.add("traffic", labels, spoilt(noise(3), self.onset, self.onset + DAY, 300.0))
        written = Prometheus(Connection(url=self.servers.prometheus_url))
        self.source = Source(world, written)

    def settings(self, **results):
        return Settings.model_validate(
            {
                "environment": self.environment,
                "signals": [{"name": "traffic", "query": "traffic", "kind": "traffic"}],
                "detector": {"method": "zscore", "history": 200, "warmup": 20},
                "alerting": {"critical_score": 1e6},
                "lookback_seconds": DAY,
                "delay_seconds": 0,
                "state": {"folder": str(self.folder) if self.folder else None},
                "results": {
                    "slack": {
                        "webhook": {"env": "THE_WEBHOOK"},
                        "attempts": 2,
                        "timeout_seconds": 0.5,
                    },
                    "alertmanager": {"url": self.alertmanager, "timeout_seconds": 0.5, **results},
                    "remote_write": {"url": self.receiver, "timeout_seconds": 0.5, "attempts": 2},
                },
            }
        )

    def run(self, number):
        settings, now = self.settings(), self.first + number * RUN
        with opened(settings.state.folder, settings.shard) as store:
            report = run(
                settings,
                now=now,
                prometheus=self.source,
                sinks=sinks(settings.results, environment=self.environment, interval_seconds=RUN),
                writer=RemoteWrite(settings.results.remote_write),
                state=store,
            )
        self.reports.append(report)
        return report

    def told(self):
        """Titles of Slack's messages that arrived."""
        return [json.loads(received.body)["text"] for received in self.slack.received]

    def alerts(self):
        """What goes on, as Alertmanager knows it."""
        found = requests.get(
            f"{self.servers.alertmanager_url}/api/v2/alerts",
            params={"filter": f'environment="{self.environment}"'},
            timeout=10,
        ).json()
        return [(alert["labels"]["service"], alert["status"]["state"]) for alert in found]

    def scores(self):
        """How many scores of each service Prometheus has."""
        answer = requests.get(
            f"{self.servers.prometheus_url}/api/v1/query",
            params={
                "query": f'count_over_time(anomaly_score{{of="{self.environment}"}}[3h])',
                "time": self.first + RUNS * RUN,
            },
            timeout=10,
        ).json()
        return {
            series["metric"]["service"]: int(series["value"][1])
            for series in answer["data"]["result"]
        }


@pytest.fixture(params=["a folder", "nothing"])
def place(request, tmp_path, servers, server, monkeypatch):
    """One that has a folder, and one whose memory is Prometheus."""
    monkeypatch.setenv("THE_WEBHOOK", f"{server.url}/slack")
    first = time.time() // STEP * STEP - RUNS * RUN
    folder = tmp_path / "state" if request.param == "a folder" else None
    return Place(request.node.name, folder, servers, server, first)


@pytest.fixture
def broken(place):
    """Breaks something for as long as the second run lasts."""

    def run_all(fault, *, runs=(1,)):
        for number in range(RUNS):
            with ExitStack() as stack:
                if number in runs:
                    fault(stack)
                try:
                    place.run(number)
                except KeyboardInterrupt:
                    continue
        return place

    return run_all


def patched(stack, name, replacement):
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    patch.setattr(name, replacement)


def everything_arrived_once(place, *, scores=2 * RUNS):
    assert place.told() == [f"Anomalies in {place.environment}: 1 new"]
    assert place.alerts() == [("shop/s3", "active")]
    assert place.scores() == dict.fromkeys((f"s{number}" for number in range(SERVICES)), scores)
    assert place.reports[-1].exit_code == 0, place.reports[-1].errors


def test_without_a_fault(broken):
    everything_arrived_once(broken(lambda _: None))


def test_a_run_that_is_missed(place):
    for number in (0, 2, 3, 4, 5, 6):
        place.run(number)
    everything_arrived_once(place)


KILLED_AT = {
    "reading": "tests.anomaly.world.World.query_range",
    "judging": "anomaly.pipeline.judge.Judging.judge",
    "deciding": "anomaly.run.once.tell",
    "telling": "anomaly.run.once.deliver",
    "composing": "anomaly.sinks.slack.Slack.compose",
}


@pytest.mark.parametrize("name", KILLED_AT.values(), ids=KILLED_AT.keys())
def test_a_run_that_is_killed_before_anybody_is_told(broken, name):
    def killed(*_, **__):
        raise KeyboardInterrupt

    everything_arrived_once(broken(lambda stack: patched(stack, name, killed)))


@pytest.mark.parametrize("which", [1, 2, 3])
def test_a_run_that_is_killed_before_it_writes_down_what_it_did(broken, which):
    """Before, or after it has told; after that, one message may come twice, but no more."""

    def fault(stack):
        calls, save = [], module._Run._save

        def killed(self, ledger):
            calls.append(ledger)
            if len(calls) == which:
                raise KeyboardInterrupt
            return save(self, ledger)

        patched(stack, "anomaly.run.once._Run._save", killed)

    place = broken(fault)
    assert place.alerts() == [("shop/s3", "active")]
    assert 1 <= len(place.told()) <= (2 if which > 1 or place.folder is None else 1)
    assert set(place.scores().values()) == {2 * RUNS}


def test_a_run_that_is_killed_while_it_writes_scores(broken):
    def killed(*_, **__):
        raise KeyboardInterrupt

    fault = "anomaly.sinks.remote_write._Writer.write"
    place = broken(lambda stack: patched(stack, fault, killed))
    assert place.alerts() == [("shop/s3", "active")]
    assert len(place.told()) == 1
    assert set(place.scores().values()) == {2 * RUNS}


@pytest.mark.parametrize("runs", [(1,), (1, 2, 3)], ids=["one run", "three runs"])
def test_slack_is_down(broken, place, runs):
    taken = place.slack.reply

    def fault(stack):
        place.slack.reply = lambda _: Reply(500)
        stack.callback(back)

    def back():
        place.slack.reply = taken
        place.slack.received.clear()

    everything_arrived_once(broken(fault, runs=runs))
    assert [bool(report.errors) for report in place.reports] == [n in runs for n in range(RUNS)]


def test_slack_hangs(broken, place):
    posts = []

    def fault(stack):
        taken = place.slack.reply
        place.slack.reply = lambda _: Reply(silent=True)
        stack.callback(back, taken)

    def back(taken):
        posts.append(len(place.slack.received))
        place.slack.reply = taken
        place.slack.received.clear()

    everything_arrived_once(broken(fault))
    assert posts == [1]


def test_alertmanager_is_down(broken, place):
    def fault(stack):
        there = place.alertmanager
        place.alertmanager = "http://127.0.0.1:1"
        stack.callback(setattr, place, "alertmanager", there)

    everything_arrived_once(broken(fault, runs=(1, 2)))
    assert set(place.reports[1].errors) == {"alertmanager"}


@pytest.mark.parametrize("reply", [Reply(503), Reply(silent=True)], ids=["is overloaded", "hangs"])
def test_the_receiver_of_scores(broken, place, reply):
    with FakeServer() as receiver:
        receiver.reply = lambda _: reply

        def fault(stack):
            there = place.receiver
            place.receiver = f"{receiver.url}/api/v1/write"
            stack.callback(setattr, place, "receiver", there)

        broken(fault, runs=(1, 2, 3))
    if place.folder:
        everything_arrived_once(place)
    else:  # its memory was away, so it repeats itself once
        assert place.told() == [f"Anomalies in {place.environment}: 1 new"] * 2
    report = place.reports[1]
    assert (report.exit_code, set(report.errors)) == (1, {"remote_write"})
    assert report.messages["slack"] == 1


def test_prometheus_cannot_be_read(broken, place):
    def fault(stack):
        place.source.world.failing["traffic"] = Overloaded("busy")
        stack.callback(place.source.world.failing.clear)

    everything_arrived_once(broken(fault))
    assert place.reports[1].errors == {"traffic": "busy"}


def test_a_sample_that_prometheus_will_not_take(place):
    """Somebody else has written a score; all others arrive, and it is an error."""
    place.run(0)
    from anomaly.sinks.series import MetricBlock  # noqa: PLC0415

    labels = {"namespace": "shop", "service": "s1", "of": place.environment, "for": "traffic"}
    tick = np.array([place.first + RUN])
    settings = place.settings().results.remote_write
    assert (
        not RemoteWrite(settings)
        .send([MetricBlock("anomaly_score", (labels,), tick, np.array([[99.0]]))])
        .error
    )
    report = place.run(1)
    assert set(report.errors) == {"remote_write"}
    assert "1 samples are lost" in report.errors["remote_write"]
    assert place.scores() == {f"s{number}": 4 for number in range(SERVICES)}
