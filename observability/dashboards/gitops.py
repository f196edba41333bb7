"""The board GitOps: is the cluster as Git says, and how did it come to be so."""

from observability.dashboards.frame import Board, Row, choice
from observability.dashboards.panels import Column, Tile, figure, listing, states, trend
from observability.dashboards.parts import ANY_IS_BAD, ANY_IS_ODD, BAD, GOOD, WARN, About
from observability.promql.expressions import count, greatest, is_, like, rate, select, total
from observability.promql.flux import KUSTOMIZATIONS, SOURCES, FluxState, flux_state
from settings.monitored import Monitored
from vocabulary import metrics as m
from vocabulary.boards import GITOPS

_WINDOW = "$__rate_interval"
_PATH = like("name", "$path")
_BY_PATH = ("exported_namespace", "name")


def gitops(stack: Monitored) -> Board:
    """The board."""
    state = flux_state(stack.observability, stack.gitops)
    here = is_("namespace", stack.gitops.namespace)
    paths = [path.name for path in stack.gitops.kustomizations]
    return Board(
        GITOPS,
        "GitOps",
        "Flux: what is applied, what is not and why, and when it was.",
        "6h",
        (choice("path", "Path", "Kustomizations of the stack", paths),),
        (
            Row(100, "Now", _now(state, here)),
            Row(200, "Sync status", _status(state)),
            Row(300, "Drift", _drift(state)),
            Row(400, "Reconciliation history", _history(state, here)),
            Row(500, "Controllers", _controllers(here)),
        ),
    )


def _unready(state: FluxState, kinds: str = "") -> str:
    return count(greatest(state.unready(kinds), *state.identity))


def _suspended(state: FluxState) -> str:
    return count(greatest(state.suspended(), *state.identity))


def _in_step(state: FluxState) -> str:
    """Paths whose revision is the one that a source has now."""
    return f"{_revisions(state)} and on (revision) {_fetched(state)}"


def _behind(state: FluxState) -> str:
    return f"{_revisions(state)} unless on (revision) {_fetched(state)}"


def _revisions(state: FluxState) -> str:
    return greatest(state.objects(_PATH, kinds=KUSTOMIZATIONS), *_BY_PATH, "revision")


def _fetched(state: FluxState) -> str:
    return greatest(state.objects(kinds=SOURCES), "revision")


def _failing(here: str) -> str:
    counted = select(m.RECONCILE_TOTAL, here)
    failed = select(m.RECONCILE_TOTAL, here, is_("result", "error"))
    everything = total(f"increase({counted}[$__range])")
    return f"({total(f'increase({failed}[$__range])')} or 0 * {everything}) / {everything}"


def _now(state: FluxState, here: str) -> tuple[Tile, ...]:
    return (
        figure(
            About(101, "Not ready", "Flux objects that are neither ready nor suspended.", "short"),
            f"{_unready(state)} or vector(0)",
            steps=ANY_IS_BAD,
        ),
        figure(
            About(102, "Sources not ready", "Repositories that could not be fetched.", "short"),
            f"{_unready(state, SOURCES)} or vector(0)",
            steps=ANY_IS_BAD,
        ),
        figure(
            About(
                103,
                "Behind Git",
                "Paths that have not tried the revision that their source holds.",
                "short",
            ),
            f"count({_behind(state)}) or vector(0)",
            steps=ANY_IS_ODD,
        ),
        figure(
            About(104, "Suspended", "Objects that somebody suspended.", "short"),
            f"{_suspended(state)} or vector(0)",
            steps=ANY_IS_ODD,
        ),
        figure(
            About(
                105,
                "Failed attempts",
                "Share of the controllers' reconciliations that failed, in the time shown.",
                "percentunit",
            ),
            _failing(here),
            steps=((None, GOOD), (0.01, WARN), (0.1, BAD)),
        ),
        figure(
            About(106, "Alerts", "Alerts about GitOps that fire.", "short"),
            f"count({select(m.ALERTS, is_('area', GITOPS), is_('alertstate', 'firing'))})"
            " or vector(0)",
            steps=ANY_IS_BAD,
        ),
    )


def _status(state: FluxState) -> tuple[Tile, ...]:
    shown = {state.kind: "Kind", "name": "Name", "exported_namespace": "Namespace"}
    told = ("ready", "suspended", "revision")
    reasons = ("reason",) if state.metric == m.FLUX_OPERATOR_STATE else ()
    ready = greatest(state.objects(_PATH, is_("ready", "True"), kinds=KUSTOMIZATIONS), *_BY_PATH)
    known = greatest(state.objects(_PATH, kinds=KUSTOMIZATIONS), *_BY_PATH)
    return (
        listing(
            About(
                201,
                "Objects",
                "Every Flux object with its state as its controller last told it; a suspended one "
                "tells of old times.",
                "short",
            ),
            Column(state.objects()),
            labels=shown | {label: label.capitalize() for label in (*told, *reasons)},
            width=14,
            order=("Ready", "up"),
        ),
        states(
            About(202, "Ready over time", "Whether each path was as Git says.", "short"),
            (f"{ready} or 0 * {known}", "{{name}}"),
            words={"1": ("ready", GOOD), "0": ("not ready", BAD)},
            width=10,
        ),
    )


def _drift(state: FluxState) -> tuple[Tile, ...]:
    in_step = greatest(_in_step(state), *_BY_PATH)
    return (
        trend(
            About(
                301,
                "Away from Git",
                "Flux heals what differs at every interval. What stays away from Git is not ready, "
                "on another revision, or suspended.",
                "short",
            ),
            (f"{_unready(state)} or vector(0)", "not ready"),
            (f"count({_behind(state)}) or vector(0)", "behind Git"),
            (f"{_suspended(state)} or vector(0)", "suspended"),
            width=10,
        ),
        states(
            About(
                302,
                "In step with the source",
                "Whether each path tried the revision that its source held.",
                "short",
            ),
            (f"{in_step} or 0 * {greatest(_revisions(state), *_BY_PATH)}", "{{name}}"),
            words={"1": ("in step", GOOD), "0": ("behind", WARN)},
            width=14,
        ),
    )


def _history(state: FluxState, here: str) -> tuple[Tile, ...]:
    done = select(m.FLUX_DURATION_COUNT, here)
    times = total(rate(done, _WINDOW), "kind")
    by_path = ("kind", "name")
    spent = total(rate(select(m.FLUX_DURATION_SUM, here), _WINDOW), *by_path)
    failed = select(m.RECONCILE_TOTAL, here, is_("result", "error"))
    errors = total(rate(failed, _WINDOW), "controller")
    paths = state.objects(_PATH, kinds=KUSTOMIZATIONS)
    first = f"min_over_time(timestamp({paths})[$__range:1m])"
    last = f"max_over_time(timestamp({paths})[$__range:1m])"
    seen = (*_BY_PATH, "revision")
    return (
        trend(
            About(401, "Reconciliations", "How often objects were reconciled, by kind.", "opm"),
            (f"60 * {times}", "{{kind}}"),
            stacked=True,
            width=8,
        ),
        trend(
            About(
                402,
                "Duration",
                "How long a reconciliation took on average, health checks included.",
                "s",
            ),
            (f"{spent} / {total(rate(done, _WINDOW), *by_path)}", "{{kind}}/{{name}}"),
            width=8,
        ),
        trend(
            About(403, "Failed attempts", "Reconciliations that failed, by controller.", "opm"),
            (f"60 * {errors}", "{{controller}}"),
            stacked=True,
            width=8,
        ),
        listing(
            About(
                404,
                "Revisions",
                "What was tried in the time shown, and when it was seen first and last.",
                "dateTimeAsIso",
            ),
            Column(f"1000 * min by ({', '.join(seen)}) ({first})", "First", "dateTimeAsIso"),
            Column(f"1000 * max by ({', '.join(seen)}) ({last})", "Last", "dateTimeAsIso"),
            labels={"name": "Path", "exported_namespace": "Namespace", "revision": "Revision"},
            order=("Last", "down"),
        ),
    )


def _controllers(here: str) -> tuple[Tile, ...]:
    return (
        trend(
            About(501, "Waiting", "Objects that wait for their controller.", "short"),
            (total(select(m.WORKQUEUE_DEPTH, here), "name"), "{{name}}"),
        ),
        trend(
            About(502, "Attempts", "The controllers' reconciliations by how they ended.", "opm"),
            (
                f"60 * {total(rate(select(m.RECONCILE_TOTAL, here), _WINDOW), 'result')}",
                "{{result}}",
            ),
            stacked=True,
        ),
    )
