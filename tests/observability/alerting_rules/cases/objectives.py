"""Objectives: the budget goes fast, goes slowly, is gone."""

from collections.abc import Iterator

from tests.observability.alerting_rules.cases.inputs import API, answers, calls
from tests.observability.alerting_rules.promtool import Case, Firing, series
from vocabulary import metrics as m


def cases() -> Iterator[Case]:
    fast, slow, spent = "SloErrorBudgetBurnsFast", "SloErrorBudgetBurnsSlow", "SloErrorBudgetSpent"
    availability, latency = {**API, "slo": "availability"}, {**API, "slo": "latency"}
    failing = [calls("200", 600, 120), calls("503", 60, 120)]
    yield Case(fast, "one in eleven fails", "70m", failing, [Firing(availability, "90.91")])
    slowed = answers(60, 600, 120)
    yield Case(fast, "nine in ten are slow", "70m", slowed, [Firing(latency, "18")])
    yield Case(fast, "one in 2,000 fails", "70m", [calls("200", 600, 120), calls("503", 0.3, 120)])
    yield Case(fast, "one in twenty-five is slow", "70m", answers(576, 600, 120))
    few = [
        calls("200", 0.1, 120),
        series(m.REQUESTS, "0x40 1x80", **API, reporter="source", response_code="503"),
    ]
    yield Case(fast, "one of a dozen fails", "45m", few)
    over = [
        calls("200", 600, 120),
        series(m.REQUESTS, "0+60x30 1800x90", **API, reporter="source", response_code="503"),
    ]
    yield Case(fast, "it is over", "75m", over)
    creeping = [calls("200", 600, 200), calls("503", 3, 200)]
    yield Case(
        slow, "one in two hundred fails for hours", "3h", creeping, [Firing(availability, "4.975")]
    )
    yield Case(
        slow,
        "one in 2,000 fails for hours",
        "3h",
        [calls("200", 600, 200), calls("503", 0.3, 200)],
    )
    yield Case(
        spent,
        "one in a hundred failed",
        "2h",
        [calls("200", 600, 130), calls("503", 6, 130)],
        [Firing(availability, "-890.1%")],
    )
    yield Case(spent, "one in 2,000 failed", "2h", [calls("200", 600, 130), calls("503", 0.3, 130)])
