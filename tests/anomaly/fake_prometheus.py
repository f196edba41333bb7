"""A Prometheus on loopback that answers range queries as it is told to."""

import json
import math
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from tests.anomaly.fake_server import FakeServer, Received, Reply

Labels = dict[str, str]
Answer = Reply | tuple[int, bytes]


class FakePrometheus(FakeServer):
    """Answers every query alike and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.queries: list[dict[str, str]] = []
        self.answer: Callable[[dict[str, str]], Answer] = lambda form: matrix(form, [])
        self.reply = self._query

    def serve(self, *, calm: Labels | None = None, spike: Labels | None = None) -> None:
        """Series that go up and down a little; the spiking one leaves its range at the end."""
        given = [(calm, 0.0), (spike, 50.0)]
        series = [(labels, jump) for labels, jump in given if labels is not None]
        self.answer = lambda form: matrix(form, series)

    def refuse(self, status: int, error: str) -> None:
        body = json.dumps({"status": "error", "errorType": "x", "error": error}).encode()
        self.answer = lambda _: (status, body)

    def answers(self, *answers: Answer) -> None:
        """Answers in turn; the last one again and again."""
        remaining = list(answers)
        self.answer = lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0]

    def _query(self, received: Received) -> Reply:
        form = {key: values[0] for key, values in parse_qs(received.body.decode()).items()}
        self.queries.append(form)
        answer = self.answer(form)
        return answer if isinstance(answer, Reply) else Reply(*answer)


def matrix(form: dict[str, str], series: list[tuple[Labels, float]]) -> Answer:
    """A wave for each series; the last three steps lie higher by its jump."""
    start, end, step = int(form["start"]), int(form["end"]), int(form["step"])
    times = range(start, end + 1, step)
    result = [
        {
            "metric": labels,
            "values": [
                [time, f"{10 + math.sin(time / 600) + (jump if time > end - 3 * step else 0)}"]
                for time in times
            ],
        }
        for labels, jump in series
    ]
    return 200, success(result)


def success(result: Any, **more: Any) -> bytes:
    """An answer as Prometheus writes it: compact, remarks behind the series."""
    data = {"resultType": "matrix", "result": result}
    answer = {"status": "success", "data": data, **more}
    return json.dumps(answer, separators=(",", ":")).encode()
