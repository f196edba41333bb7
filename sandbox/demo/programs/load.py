"""Customers: requests at random moments, more by day than by night, at most a few at a time.

A day may be shorter than a day, so that its rhythm is seen within an hour.
"""

import math
import os
import random
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

PATIENCE_SECONDS = 20.0
"""A customer waits no longer."""
REPORT_SECONDS = 60.0
FAILED = 0
"""Stands for an answer that never came."""


@dataclass(frozen=True)
class Rhythm:
    """How many come, and when."""

    mean: float
    """Requests a second, over a whole day."""
    swing: float = 0.6
    """How far the busiest and the quietest hour are from the mean, as a share of it."""
    day_seconds: float = 86_400.0
    """Length of a day; the busiest moment is at its middle, counted from the epoch."""

    def rate(self, moment: float) -> float:
        """Requests a second at a moment."""
        turn = 2 * math.pi * moment / self.day_seconds
        return self.mean * (1 - self.swing * math.cos(turn))

    @property
    def most(self) -> float:
        """Requests a second at the busiest moment."""
        return self.mean * (1 + self.swing)

    def arrivals(self, start: float, chance: random.Random) -> Iterator[float]:
        """Moments at which somebody comes: a Poisson process that is thinned to the rhythm."""
        moment = start
        while True:
            moment += chance.expovariate(self.most)
            if chance.random() * self.most <= self.rate(moment):
                yield moment


@dataclass(frozen=True)
class Load:
    """Whom to ask, and how often."""

    target: str
    """URL of the page that customers look at."""
    rhythm: Rhythm
    customers: int = 40
    """How many there are; each has a number, by which the mesh may pick the pod."""
    at_once: int = 32
    """Requests under way; whoever comes when there are more goes away again."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Read the environment of the pod."""
        rhythm = Rhythm(
            mean=float(environment.get("REQUESTS_PER_SECOND", "5")),
            swing=float(environment.get("SWING", "0.6")),
            day_seconds=float(environment.get("DAY_SECONDS", "86400")),
        )
        return cls(environment["TARGET"], rhythm)


def request(target: str, customer: int) -> int:
    """The status of one answer."""
    headers = {"x-customer-id": f"customer-{customer}"}
    asked = urllib.request.Request(target, headers=headers)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code
    except OSError:
        return FAILED


def run(load: Load, chance: random.Random) -> None:
    """Send requests until the end, and say once a minute what came of them."""
    places = threading.Semaphore(load.at_once)
    answers: Counter[int] = Counter()
    lock = threading.Lock()

    def visit(customer: int) -> None:
        status = request(load.target, customer)
        places.release()
        with lock:
            answers[status] += 1

    report = time.time() + REPORT_SECONDS
    for moment in load.rhythm.arrivals(time.time(), chance):
        time.sleep(max(0.0, moment - time.time()))
        if places.acquire(blocking=False):
            customer = chance.randrange(load.customers)
            threading.Thread(target=visit, args=(customer,), daemon=True).start()
        if time.time() >= report:
            with lock:
                told, answers = answers, Counter()
            summary = " ".join(f"{status}={number}" for status, number in sorted(told.items()))
            sys.stdout.write(f"answers in the last minute: {summary or 'none'}\n")
            sys.stdout.flush()
            report += REPORT_SECONDS


if __name__ == "__main__":
    run(Load.of(os.environ), random.Random())  # noqa: S311 - customers, not keys
