import time

import numpy as np
import pytest

from anomaly.config.receivers import RemoteWriteSettings
from anomaly.errors import Overloaded, Refused, SettingsError
from anomaly.sinks.remote_write import RemoteWrite
from anomaly.sinks.series import STALE, MetricBlock
from tests.anomaly.fake_server import Reply
from tests.anomaly.sinks.decoding import decode

STEPS = 1_700_000_000 + 60.0 * np.arange(5)


@pytest.fixture
def write(server):
    def run(*blocks, **settings):
        url = f"{server.url}/api/v1/write"
        return RemoteWrite(RemoteWriteSettings(url=url, **settings)).send(blocks)

    return run


def block(values, metric="anomaly_score", labels=None, timestamps=STEPS):
    values = np.atleast_2d(np.array(values, dtype=float))
    labels = labels or tuple({"service": f"s{row}"} for row in range(len(values)))
    return MetricBlock(metric, labels, timestamps[: values.shape[1]], values)


class Receiver:
    """Takes samples as Prometheus does: all of a request or, where it dislikes one, none."""

    def __init__(self, server, *, hates=lambda _: False):
        self.samples = {}
        self.hates = hates
        server.reply = self._take

    def _take(self, received):
        series = decode(received.body)
        for each in series:
            there = self.samples.get(tuple(each.labels), [(0, 0)])
            if each.samples[0][0] <= there[-1][0] and each.samples[0] != there[-1]:
                return Reply(400, b"out of order sample\n")
            if self.hates(dict(each.labels)["service"]):
                return Reply(400, b"label limit exceeded\n")
        for each in series:
            there = self.samples.setdefault(tuple(each.labels), [])
            there += [sample for sample in each.samples if sample not in there]
        return Reply(204)

    def values(self, service):
        return [
            value
            for labels, samples in self.samples.items()
            if ("service", service) in labels
            for _, value in samples
        ]


class TestRequest:
    def test_is_what_the_protocol_asks_for(self, server, write):
        written = write(block([[1, 2, 3]]))
        (received,) = server.received
        assert received.path == "/api/v1/write"
        assert received.headers["Content-Encoding"] == "snappy"
        assert received.headers["Content-Type"] == "application/x-protobuf"
        assert received.headers["X-Prometheus-Remote-Write-Version"] == "0.1.0"
        (series,) = decode(received.body)
        assert series.labels == [("__name__", "anomaly_score"), ("service", "s0")]
        assert series.samples == [
            (1_700_000_000_000, 1), (1_700_000_060_000, 2), (1_700_000_120_000, 3),
        ]  # fmt: skip
        assert (written.requests, written.samples, written.error) == (1, 3, None)

    def test_leaves_gaps_where_there_are_no_values_and_keeps_markers(self, server, write):
        write(block([[np.nan, 1, STALE, np.nan], [np.nan] * 4]))
        (series,) = decode(server.received[0].body)
        assert [time for time, _ in series.samples] == [1_700_000_060_000, 1_700_000_120_000]
        assert series.bits[1] == 0x7FF0000000000002

    def test_is_not_sent_when_there_is_nothing_to_write(self, server, write):
        assert write(block([[np.nan]])).requests == 0
        assert server.received == []

    def test_holds_no_more_samples_than_allowed_and_stays_in_order(self, server, write):
        blocks = block(np.ones((3, 2))), block([[1, 2, 3, 4, 5]], "yhat")
        written = write(*blocks, max_samples_per_request=4)
        found = [decode(received.body) for received in server.received]
        assert [sum(len(one.samples) for one in each) for each in found] == [4, 4, 3]
        assert [value for each in found for one in each for _, value in one.samples][6:] == [
            1, 2, 3, 4, 5,
        ]  # fmt: skip
        assert written.samples == 11


class TestFaults:
    def test_an_overloaded_server_gets_it_again(self, server, write, pauses):
        server.replies(Reply(500), Reply(429, headers={"Retry-After": "3"}), Reply(204))
        written = write(block([[1]]))
        assert (written.requests, written.samples, written.error) == (3, 1, None)
        assert pauses[1] == 3

    def test_what_got_through_before_it_gave_up_counts(self, server, write):
        server.replies(Reply(204), Reply(503, b"too busy"))
        written = write(block(np.ones((2, 2))), max_samples_per_request=2)
        assert (written.requests, written.samples) == (4, 2)
        assert isinstance(written.error, Overloaded)
        assert "too busy" in str(written.error)

    def test_a_series_that_is_refused_takes_no_other_along(self, server, write):
        receiver = Receiver(server, hates=lambda service: service == "s33")
        written = write(block(np.ones((50, 2))))
        assert (written.samples, written.lost, written.finished) == (98, 2, True)
        assert len(receiver.samples) == 49
        assert isinstance(written.error, Refused)
        assert "400: label limit exceeded" in str(written.error)
        assert str(written.error).endswith("2 samples are lost")

    def test_a_sample_that_is_refused_takes_no_other_along(self, server, write):
        receiver = Receiver(server)
        write(block([[9]], labels=({"service": "s7"},), timestamps=STEPS[1:]))
        written = write(block(np.ones((50, 2))))
        assert (written.samples, written.repeated, written.lost) == (98, 1, 1)
        assert [receiver.values(f"s{number}") for number in (6, 7, 8)] == [[1, 1], [9], [1, 1]]
        assert "out of order sample; 1 samples are lost" in str(written.error)

    def test_a_server_that_refuses_all_samples_is_not_asked_for_each(self, server, write):
        Receiver(server, hates=lambda _: True)
        written = write(block(np.ones((2_000, 2))))
        assert (written.samples, written.lost) == (0, 4_000)
        assert written.requests < 100

    @pytest.mark.parametrize("status", [401, 403, 404, 405, 415])
    def test_a_server_that_refuses_whoever_asks_is_left_alone(self, server, write, status):
        server.replies(Reply(status, b"receiver needs to be enabled"))
        written = write(block(np.ones((9, 1))), max_samples_per_request=1)
        assert (written.requests, written.samples, written.finished) == (1, 0, False)
        assert f"{status}: receiver needs to be enabled" in str(written.error)

    def test_a_server_that_hangs_costs_the_budget_once(self, server, pauses):
        server.reply = lambda _: Reply(silent=True)
        settings = RemoteWriteSettings(url=f"{server.url}/api/v1/write", timeout_seconds=0.5)
        writer, begun = RemoteWrite(settings, most_seconds=0.2), time.monotonic()
        written = [writer.send([block(np.ones((600, 1)))]) for _ in range(2)]
        assert not any(each.finished for each in written)
        assert time.monotonic() - begun < 5

    def test_a_missing_secret_is_an_error_and_nothing_is_sent(self, server, write, tmp_path):
        written = write(block([[1]]), bearer_token={"file": tmp_path / "gone"})
        assert isinstance(written.error, SettingsError)
        assert server.received == []

    def test_a_certificate_that_is_not_there_is_one_too(self, tmp_path):
        settings = RemoteWriteSettings(
            url="https://127.0.0.1:1/api/v1/write", ca_file=tmp_path / "gone"
        )
        assert isinstance(RemoteWrite(settings).send([block([[1]])]).error, SettingsError)

    def test_series_that_would_be_the_same_are_not_mixed(self, server, write):
        written = write(block([[1], [2]], labels=({"a": "b"}, {"a": "b"})))
        assert written.samples == 1
        assert "two series would both be written as anomaly_score{'a': 'b'}" in str(written.error)

    def test_a_label_that_cannot_be_written_costs_its_series_only(self, server, write):
        written = write(block([[1], [2]], labels=({"a": "\ud800"}, {"a": "b"})))
        assert written.samples == 1
        assert "a series of anomaly_score was left out" in str(written.error)


class TestRepetition:
    """A run that was interrupted writes some steps again."""

    def test_what_is_new_gets_through_and_what_is_old_is_no_error(self, server, write):
        receiver = Receiver(server)
        write(block([[1, 2, 3], [4, 5, 6]]))
        again = write(block([[1, 2, 3, 7, 8], [4, 5, 6, 9, 10]]))
        assert again.error is None
        # The newest of the old ones is the same as before, which servers take.
        assert (again.samples, again.repeated) == (6, 4)
        assert receiver.values("s0") == [1, 2, 3, 7, 8]
        assert receiver.values("s1") == [4, 5, 6, 9, 10]

    def test_gaps_do_not_mix_the_steps_up(self, server, write):
        receiver = Receiver(server)
        write(block([[1, np.nan, 3], [np.nan, 5, np.nan]]))
        again = write(block([[1, np.nan, 3, 7, np.nan], [np.nan, 5, np.nan, 9, 10]]))
        assert again.error is None
        assert receiver.values("s0") == [1, 3, 7]
        assert receiver.values("s1") == [5, 9, 10]

    def test_that_nothing_is_new_is_an_error(self, server, write):
        Receiver(server)
        write(block([[1, 2, 3]]))
        again = write(block([[7, 8, 9]]))
        assert again.samples == 0
        assert "out of order sample" in str(again.error)
