"""The board Chaos: what runs, what it does to services, how they hold and recover."""

from observability.dashboards.calendar import calendar
from observability.dashboards.chosen import CHOSEN, NAME, SERVICES, WINDOW
from observability.dashboards.frame import Board, Row, catalogue_choices
from observability.dashboards.panels import Tile, figure, shares, states, trend
from observability.dashboards.parts import BAD, GOOD, PLAIN, WARN, About, Steps
from observability.promql.anomaly import results
from observability.promql.chaos import events, experiments
from observability.promql.expressions import ON_SERVICE, greatest, like, select, total
from observability.promql.expressions import SERVICE as BY_SERVICE
from observability.promql.mesh import SENT, error_share, latency
from settings.anomaly import Anomaly
from settings.monitored import Monitored
from vocabulary import metrics as m
from vocabulary import recorded as r
from vocabulary.boards import CHAOS

_HERE = "$namespace"
_FORGETS = 120
"""Seconds for which a two-minute window still sees what is over."""

_HELD: Steps = ((None, BAD), (0.9, WARN), (0.99, GOOD))


def chaos(stack: Monitored) -> Board:
    """The board."""
    return Board(
        CHAOS,
        "Chaos",
        "Chaos Mesh: experiments, whether services hold their objectives meanwhile, and how long "
        "they need to recover.",
        "7d",
        catalogue_choices(stack),
        (
            Row(100, "Now", _now()),
            Row(200, "Experiments", _experiments()),
            Row(300, "Resilience", _resilience()),
            Row(400, "Effect on services", _effect(stack.anomaly)),
            Row(500, "Calendar", (calendar(stack.chaos),)),
        ),
    )


def _failed_share() -> str:
    """Share of injections and recoveries that Chaos Mesh could not do, in the time shown."""

    def happened(*reasons: str) -> str:
        return f"sum(increase({events(_HERE, *reasons)}[$__range]))"

    everything = happened("Applied", "Recovered", "Failed")
    return f"({happened('Failed')} or 0 * {everything}) / {everything}"


def _held_share(by: str = "") -> str:
    missed, settling = (
        f"sum{by}(sum_over_time({select(record, *SERVICES)}[$__range]))"
        for record in (r.CHAOS_MISSED, r.CHAOS_SETTLING)
    )
    return f"1 - {missed} / ({settling} > 0)"


def _recovery(window: str) -> str:
    """Seconds for which an objective was still missed after the experiments of a window."""
    missed = f"avg_over_time({select(r.CHAOS_RECOVERING, *SERVICES)}[{window}])"
    return f"clamp_min({missed} * 3600 - {_FORGETS}, 0)"


def _now() -> tuple[Tile, ...]:
    return (
        figure(
            About(101, "Active", "Experiments whose fault may be in pods now.", "short"),
            f"sum({experiments(_HERE)}) or vector(0)",
            steps=((None, GOOD), (1, WARN)),
            width=3,
        ),
        figure(
            About(102, "Schedules", "Recurring experiments and workflows.", "short"),
            f"sum({_counted(m.SCHEDULES)}) or vector(0)",
            width=3,
        ),
        figure(
            About(103, "Workflows", "Runs of workflows, finished ones included.", "short"),
            f"sum({_counted(m.WORKFLOWS)}) or vector(0)",
            width=3,
        ),
        figure(
            About(104, "Window", "Whether experiments may run now.", "short"),
            r.CHAOS_WINDOW,
            words={"0": ("closed", GOOD), "1": ("open", WARN)},
            width=3,
        ),
        figure(
            About(
                105,
                "Failed injections",
                "Share of injections and recoveries that Chaos Mesh could not do.",
                "percentunit",
            ),
            _failed_share(),
            steps=((None, GOOD), (0.01, WARN), (0.1, BAD)),
            none="no experiment",
            width=4,
        ),
        figure(
            About(
                106,
                "Resilience score",
                "Share of the time under experiments, and of ten minutes after each, in which "
                "objectives held.",
                "percentunit",
            ),
            _held_share(),
            steps=_HELD,
            none="no experiment",
            width=4,
        ),
        figure(
            About(
                107,
                "Longest recovery",
                "Longest time after an experiment for which an objective was still missed.",
                "s",
            ),
            f"max(max_over_time(({_recovery('1h')})[$__range:5m]))",
            steps=((None, GOOD), (60, WARN), (300, BAD)),
            none="no experiment",
            width=4,
        ),
    )


def _counted(metric: str) -> str:
    return select(metric, like("exported_namespace", _HERE))


def _experiments() -> tuple[Tile, ...]:
    by_kind = greatest(experiments(_HERE), "exported_namespace", "kind")
    reasons = total(f"increase({events(_HERE)}[{WINDOW}])", "reason")
    return (
        states(
            About(
                201,
                "Experiments",
                "When each kind of experiment was active; Chaos Mesh tells no names.",
                "short",
            ),
            (f"{by_kind} > bool 0", "{{kind}} in {{exported_namespace}}"),
            words={"1": ("active", WARN), "0": ("none", PLAIN)},
        ),
        trend(
            About(202, "Phases", "Experiments by phase; finished ones are kept a while.", "short"),
            (total(experiments(_HERE, phases=".+"), "phase"), "{{phase}}"),
            stacked=True,
            width=6,
        ),
        trend(
            About(203, "Events", "What Chaos Mesh did, or could not do.", "short"),
            (reasons, "{{reason}}"),
            stacked=True,
            width=6,
        ),
    )


def _resilience() -> tuple[Tile, ...]:
    by = f" by ({', '.join(BY_SERVICE)}) "
    return (
        shares(
            About(
                301,
                "Resilience score by service",
                "Share of the time under experiments, and of ten minutes after each, in which the "
                "service held its objectives; over the time shown.",
                "percentunit",
            ),
            _held_share(by),
            NAME,
            steps=_HELD,
            width=8,
        ),
        trend(
            About(
                302,
                "Recovery",
                "How long an objective was still missed after experiments, in the hour before.",
                "s",
            ),
            (_recovery("1h"), NAME),
            width=8,
        ),
        states(
            About(
                303,
                "Objectives under experiments",
                "Whether they held during experiments and for ten minutes after each.",
                "short",
            ),
            (select(r.CHAOS_MISSED, *SERVICES), NAME),
            words={"0": ("held", GOOD), "1": ("missed", BAD)},
            width=8,
        ),
    )


def _effect(settings: Anomaly) -> tuple[Tile, ...]:
    under = f"and {ON_SERVICE} {select(r.CHAOS_SETTLING, *SERVICES)} == 1"
    sent = (SENT, *SERVICES)
    scores = results(settings, m.SCORE, of=CHOSEN)
    found = greatest(f"{scores} {under}", *BY_SERVICE)
    return (
        trend(
            About(
                401,
                "Failure rate under experiments",
                "Share of requests that fail while an experiment hits the service, and for ten "
                "minutes after.",
                "percentunit",
            ),
            (f"{error_share(WINDOW, *sent)} {under}", NAME),
            width=8,
        ),
        trend(
            About(402, "p95 latency under experiments", "The same time, the same services.", "ms"),
            (f"{latency(0.95, WINDOW, *sent)} {under}", NAME),
            width=8,
        ),
        trend(
            About(
                403,
                "Seen by the detector",
                "Highest score in that time; below 1 the detector does not see the experiment.",
                "short",
            ),
            (found, NAME),
            steps=((None, PLAIN), (1, BAD)),
            width=8,
        ),
    )
