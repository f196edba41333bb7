"""From its beginning to its end: incidents of public reports, each told once, in time, and closed.

A history of two weeks or more, five minutes a step unless said otherwise, is judged from its first
point on; what is asserted is what somebody who gets the alerts would expect.
"""

import numpy as np
import pytest

from anomaly.config.detector import DetectorConfig
from anomaly.detector import Detector

DAY, STEP, T0 = 86_400, 300.0, 1_772_409_600
"""T0 is a Monday, midnight UTC."""

EVENT = 2500
"""The tick at which something happens, in the afternoon of the ninth day."""


def noise(seed, spread, ticks=20_000):
    return np.random.default_rng(seed).normal(0, spread, ticks)


class Past:
    """Times of a history, with what makes shapes of them."""

    def __init__(self, first, last, step=STEP):
        self.times = np.arange(T0 + first * DAY, T0 + last * DAY, step)
        self.tick = ((self.times - T0) // step).astype(int)
        self.hour = (self.times - T0) % DAY / 3600
        self.day = (self.times - T0) // DAY

    def alerts(self, values, **config):
        """(begin, end) of each alert, in hours since T0; the end is infinite while it is open."""
        detector = Detector(DetectorConfig(**config))
        on = detector.replay(self.times, values[None]).alerting[0]
        edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]])))
        hours = np.append((self.times - T0) / 3600, np.inf)
        return [
            (hours[begin], hours[end]) for begin, end in zip(edges[::2], edges[1::2], strict=True)
        ]


def begun(alerts, since, until):
    """Those that begin between two hours."""
    return [alert for alert in alerts if since <= alert[0] < until]


def office(past, seed, day, left):
    """Loud by day, nearly nothing at night and at weekends; one day changes at eleven."""
    open_ = (past.hour >= 8) & (past.hour < 18) & (past.day % 7 < 5)
    values = np.where(open_, 100.0, 5.0) * np.exp(noise(seed, 0.05))[past.tick]
    ill = (past.day == day) & (past.hour >= 11) & (past.hour < 17)
    return np.where(ill, values * left, values)


class TestOfficeHours:
    @pytest.mark.parametrize("day", [21, 22, 23, 24, 25])
    @pytest.mark.parametrize("seed", [0, 1, 2])
    @pytest.mark.parametrize("left, hours", [(0.0, 0.25), (0.5, 1.0)])
    def test_an_outage_is_told_on_any_weekday(self, day, seed, left, hours):
        """Within a quarter of an hour; half of the traffic within an hour. It ends with it."""
        past = Past(day - 14, day + 0.9)
        alerts = past.alerts(office(past, seed, day, left))
        eleven = day * 24 + 11
        told = begun(alerts, eleven, eleven + hours)
        assert len(told) == 1
        assert eleven + 6 <= told[0][1] < eleven + 7


class TestShift:
    def values(self, past, *, outage):
        values = np.where(past.tick < EVENT, 7.0, 9.5)
        return np.where(outage & (past.tick >= 2788) & (past.tick < 2794), 0.0, values)

    @pytest.mark.parametrize("step, ticks", [(60.0, 720), (300.0, 144), (3600.0, 12)])
    @pytest.mark.parametrize("spread", [0.0, 0.5])
    def test_is_accepted_after_its_time(self, step, ticks, spread):
        """Twelve hours, and no more than a step."""
        past = Past(0, 2600 * step / DAY + 2 * ticks * step / DAY, step)
        values = np.where(past.tick < EVENT, 7.0, 19.5) + noise(1, spread)[past.tick]
        ((begin, end),) = begun(past.alerts(values), EVENT * step / 3600, np.inf)
        assert begin == pytest.approx(EVENT * step / 3600, abs=2 * step / 3600)
        assert end - begin == pytest.approx(12, abs=step / 3600)

    def test_an_outage_a_day_later_is_told(self):
        """What was accepted does not blind."""
        past = Past(0, 11)
        shift, outage = past.alerts(self.values(past, outage=True))
        assert shift[1] - shift[0] == pytest.approx(12, abs=0.1)
        assert outage[0] == pytest.approx(2788 / 12)
        assert outage[1] - outage[0] < 1.1

    def test_an_outage_while_it_is_open_is_another_alert(self):
        """A second, clearly different incident is told; the first is over with it."""
        past = Past(0, 9.5)
        values = np.where(past.tick < EVENT, 7.0, 9.5) + noise(1, 0.05)[past.tick]
        values = np.where((past.tick >= EVENT + 48) & (past.tick < EVENT + 54), 0.0, values)
        replay = Detector().replay(past.times, values[None])
        assert replay.alerting[0, EVENT : EVENT + 54].all()
        assert np.flatnonzero(replay.another[0]).tolist() == [EVENT + 48]


class TestBlip:
    @pytest.mark.parametrize("seed", range(4))
    def test_is_over_soon_and_hides_nothing(self, seed):
        """One value, then calm; eight hours later half an hour that is bad again."""
        past = Past(0, 9.5)
        values = np.log(0.05 * np.exp(noise(seed, 0.03))[past.tick])
        values[EVENT] += np.log(3)
        values[2596:2602] += np.log(5)
        blip, again = past.alerts(values)
        assert blip == (EVENT / 12, pytest.approx(EVENT / 12, abs=0.5))
        assert again[0] == 2596 / 12
        assert again[1] - again[0] < 1.1

    @pytest.mark.parametrize("step, limit", [(60.0, 0.5), (300.0, 0.5), (3600.0, 6)])
    def test_of_a_constant_is_over_in_time(self, step, limit):
        """Constant zero with a single ten."""
        past = Past(0, 2600 * step / DAY, step)
        ((begin, end),) = past.alerts(np.where(past.tick == EVENT, 10.0, 0.0))
        assert begin == EVENT * step / 3600
        assert end - begin <= limit


class TestNightlyJob:
    def values(self, past, seed):
        runs = (past.hour >= 2) & (past.hour < 2.5) & (past.day != 20)
        return np.where(runs, 500 + noise(seed, 10)[past.tick], 0.0)

    @pytest.mark.parametrize("seed", [1, 2, 3, 4])
    @pytest.mark.parametrize("last", [20, 21, 22, 27])
    def test_a_miss_is_told_and_brings_no_echo(self, seed, last):
        """Not on the day after, nor in the week after."""
        past = Past(last - 14, last + 0.2)
        alerts = past.alerts(self.values(past, seed))
        told = begun(alerts, 20 * 24, np.inf)
        assert [begin for begin, _ in told] == [20 * 24 + 2]

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_of_sundays_is_no_news_from_the_third_on(self, seed):
        """An hour every week."""
        past = Past(0, 42)
        job = (past.day % 7 == 6) & (past.hour >= 3) & (past.hour < 4)
        values = np.where(job, 80.0, 1.0) * np.exp(noise(seed, 0.03))[past.tick]
        assert begun(past.alerts(values), 14 * 24, np.inf) == []


class TestEnd:
    def test_a_series_that_ends_while_alerting_is_over(self):
        """An hour after its last value."""
        past = Past(0, 10)
        values = 50 + noise(1, 1)[past.tick]
        values[EVENT:] = 90
        values[EVENT + 4 :] = np.nan
        ((begin, end),) = begun(past.alerts(values), EVENT / 12, np.inf)
        assert end - begin < 1.5

    def test_rare_values_close_by_the_clock(self):
        """One value in a quarter of an hour of five-minute steps."""
        past = Past(0, 12)
        values = np.where(past.tick % 3 == 0, 50 + noise(1, 1)[past.tick], np.nan)
        values[2508] = 500.0
        ((begin, end),) = begun(past.alerts(values), 2500 / 12, np.inf)
        assert begin == 2508 / 12
        assert end - begin <= 1.5


class TestLastingNoise:
    def test_is_not_open_for_days(self):
        """Half as much noise again, for good."""
        past = Past(0, 30)
        spread = np.where(past.tick < EVENT, 1.0, 1.5)
        alerts = past.alerts(50 + noise(1, 1)[past.tick] * spread)
        assert sum(end - begin for begin, end in alerts) < 24


OUTAGES = {
    "none": (lambda noise, hour: 0.0 * noise, 0.9),
    "errors": (lambda noise, hour: np.clip(0.01 + 0.004 * noise, 0, 1), 0.9),
    "latency": (lambda noise, hour: np.log(0.05) + 0.1 * noise, np.log(0.5)),
    "level": (lambda noise, hour: 100 + 3 * noise, 0.0),
    "traffic": (
        lambda noise, hour: (100 + 30 * np.sin(hour * np.pi / 12)) * np.exp(0.05 * noise),
        0.0,
    ),
}
"""How calm values of a kind come about, and what an outage makes of them."""


class TestRepeatedOutage:
    """One outage, and the same once more: the first teaches nobody that the second is usual."""

    def values(self, past, kind, *outages):
        calm, ill = OUTAGES[kind]
        values = calm(noise(5, 1)[past.tick], past.hour)
        for first, last in outages:
            values = np.where((past.tick >= first) & (past.tick < last), ill, values)
        return values

    def told(self, past, kind, one, two, *, scores=True):
        values = self.values(past, kind, one, two)
        replay = Detector(DetectorConfig(peak_hold=False)).replay(past.times, values[None])
        for first, last in (one, two):
            assert replay.alerting[0, first:last].all()
            assert not replay.alerting[0, first - 1]
            if scores:
                assert (replay.score[0, first:last] > 1).all()

    @pytest.mark.parametrize("kind", OUTAGES)
    @pytest.mark.parametrize("step", [60.0, 300.0])
    @pytest.mark.parametrize("ticks", [3, 12])
    def test_a_little_later(self, kind, step, ticks):
        """Ten ticks of calm between them, after two weeks or, by the minute, four days."""
        before = 5760 if step == 60.0 else 4032
        past = Past(0, (before + 60) * step / DAY, step)
        again = before + ticks + 10
        self.told(past, kind, (before, before + ticks), (again, again + 5))

    @pytest.mark.parametrize("kind", ["none", "errors", "latency", "level"])
    def test_in_a_short_history(self, kind):
        """Four hours by the minute."""
        past = Past(0, 300 * 60 / DAY, 60.0)
        self.told(past, kind, (225, 228), (238, 243))

    @pytest.mark.parametrize("kind", OUTAGES)
    @pytest.mark.parametrize("step", [60.0, 300.0])
    def test_a_day_later(self, kind, step):
        """All twelve points of it."""
        before, day = (5760, 1440) if step == 60.0 else (4032, 288)
        past = Past(0, (before + day + 60) * step / DAY, step)
        self.told(past, kind, (before, before + 12), (before + day, before + day + 12))

    @pytest.mark.parametrize("kind", ["none", "errors", "latency", "level"])
    def test_by_the_hour(self, kind):
        """Three hours, ten hours, five hours."""
        past = Past(0, 30, 3600.0)
        self.told(past, kind, (672, 675), (685, 690))
