"""The demo's customers."""

import itertools
import random
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sandbox.demo.programs.load import FAILED, Load, Rhythm, request


def arrivals(rhythm, start, length, seed=1):
    moments = rhythm.arrivals(start, random.Random(seed))
    return list(itertools.takewhile(lambda moment: moment < start + length, moments))


def test_noon_is_busiest_and_midnight_quietest():
    """Around the mean of the day."""
    rhythm = Rhythm(mean=10, swing=0.5, day_seconds=86_400)

    assert rhythm.rate(0) == pytest.approx(5)
    assert rhythm.rate(6 * 3600) == pytest.approx(10)
    assert rhythm.rate(12 * 3600) == pytest.approx(15) == rhythm.most


def test_a_day_can_be_an_hour():
    """The rhythm is the same, only faster."""
    slow, fast = Rhythm(10, 0.5, 86_400), Rhythm(10, 0.5, 3600)

    assert fast.rate(900) == pytest.approx(slow.rate(21_600))


def test_customers_come_as_often_as_the_rhythm_says():
    """Counted by quarters of a day."""
    rhythm = Rhythm(mean=20, swing=0.8, day_seconds=400)
    moments = arrivals(rhythm, 0, 400)
    night, noon = (
        sum(low <= moment < low + 100 for moment in moments) for low in (-50 + 400 - 50, 150)
    )

    assert len(moments) == pytest.approx(20 * 400, rel=0.05)
    assert noon > 3 * night


def test_moments_only_go_forward():
    """And begin after the start."""
    moments = arrivals(Rhythm(5), 1000, 60)

    assert moments == sorted(moments)
    assert moments[0] > 1000


def test_the_environment_says_whom_to_ask():
    """Everything but the target has a default."""
    load = Load.of({"TARGET": "http://shop/", "DAY_SECONDS": "60", "REQUESTS_PER_SECOND": "2"})

    assert load == Load("http://shop/", Rhythm(mean=2, swing=0.6, day_seconds=60))


def test_every_customer_says_who_they_are_and_every_answer_counts():
    """Also when there is none."""
    seen = []

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.headers["x-customer-id"])
            self.send_response(503)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        assert request(url, 7) == 503
        server.shutdown()
    assert seen == ["customer-7"]
    assert request(url, 7) == FAILED
