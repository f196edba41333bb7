"""Experiments: running, stuck, out of hours, harmful, failed."""

from collections.abc import Iterator

from tests.observability.alerting_rules.cases.inputs import API, BOOKING, HOME, calls, experiment
from tests.observability.alerting_rules.promtool import Case, Firing, series
from vocabulary import metrics as m

CHAOS = {"exported_namespace": HOME}


def cases() -> Iterator[Case]:
    recent, stuck = "ChaosExperimentRecent", "ChaosExperimentStuck"
    one = [experiment("PodChaos", "running", "0x9 1x3 _x20")]
    yield Case(recent, "an experiment runs", "11m", one, [Firing(API)])
    yield Case(
        recent, "it is over, and the detector has not told of it yet", "40m", one, [Firing(API)]
    )
    yield Case(recent, "it is long over", "60m", one)
    io = [experiment("IOChaos", "running", "1x20")]
    yield Case(recent, "one that hits another service runs", "5m", io, [Firing(BOOKING)])
    yield Case(recent, "all are finished", "5m", [experiment("PodChaos", "finished", "1x20")])
    yield Case(
        recent,
        "one runs in a namespace of others",
        "5m",
        [experiment("PodChaos", "running", "1x20", "shop")],
    )

    kind = {**CHAOS, "kind": "NetworkChaos"}
    for phase, late, early in (("injecting", "7m", "4m"), ("deleting", "12m", "9m")):
        there = [experiment("NetworkChaos", phase, "1x30")]
        yield Case(stuck, f"{phase} for long", late, there, [Firing({**kind, "phase": phase})])
        yield Case(stuck, f"{phase} for a while", early, there)

    outside, running = "ChaosOutsideWindow", [experiment("PodChaos", "running", "1x200")]
    yield Case(
        outside, "it is one in the morning", "1h", running, [Firing({**CHAOS, "kind": "PodChaos"})]
    )
    yield Case(outside, "it is three in the morning", "3h", running)
    yield Case(
        outside,
        "it is one in the morning, and all are finished",
        "1h",
        [experiment("PodChaos", "finished", "1x200")],
    )

    burning = [calls("200", 600, 120), calls("503", 60, 120)]
    both = [*burning, experiment("PodChaos", "running", "1x120")]
    labels = {**API, "slo": "availability"}
    yield Case("ChaosWhileSloBurning", "both at once", "70m", both, [Firing(labels, "90.91")])
    yield Case("ChaosWhileSloBurning", "no experiment runs", "70m", burning)
    calm = [calls("200", 600, 120), experiment("PodChaos", "running", "1x120")]
    yield Case("ChaosWhileSloBurning", "the objective holds", "70m", calm)

    for name, reason in (
        ("ChaosExperimentFailed", "Failed"),
        ("ChaosScheduleMissed", "MissSchedule"),
    ):
        labels = {**CHAOS, "reason": reason, "type": "Warning"}
        first = [series(m.CHAOS_EVENTS, "_x20 1x60", **labels)]
        yield Case(name, "it happens for the first time", "22m", first, [Firing(CHAOS, "1")])
        again = [series(m.CHAOS_EVENTS, "1x20 2x60", **labels)]
        yield Case(name, "it happens again", "30m", again, [Firing(CHAOS, "1.071")])
        yield Case(name, "it was an hour ago", "75m", first)
        other = [series(m.CHAOS_EVENTS, "0+1x60", **{**labels, "reason": "Applied"})]
        yield Case(name, "something else happens", "30m", other)
