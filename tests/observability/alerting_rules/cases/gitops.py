"""Flux: not ready, forgotten, idle, slow."""

from collections.abc import Iterator

from tests.observability.alerting_rules.promtool import Case, Firing, Input, series
from vocabulary import metrics as m

FLUX = {"exported_namespace": "flux-system"}


def cases() -> Iterator[Case]:
    def state(values: str, **told: str) -> Input:
        labels = {"kind": "Kustomization", "name": "brisa-production", **FLUX, "uid": "1"}
        told = {"ready": "True", "suspended": "False", "revision": "main@sha1:1", **told}
        return series(m.FLUX_OPERATOR_STATE, values, **labels, **told)

    path = {"kind": "Kustomization", "name": "brisa-production", **FLUX}
    name = "FluxResourceNotReady"
    failing = [
        state("1x9 _x30", ready="False", reason="a"),
        state("_x9 1x30", ready="False", reason="b"),
    ]
    yield Case(name, "it fails for one reason after another", "20m", failing, [Firing(path)])
    yield Case(name, "it fails for a moment", "14m", failing)
    yield Case(name, "it is ready", "40m", [state("1x60")])
    yield Case(name, "it is suspended", "40m", [state("1x60", ready="False", suspended="True")])

    name = "FluxResourceSuspendedTooLong"
    suspended = [state("1x1600", suspended="True")]
    yield Case(name, "since yesterday", "25h", suspended, [Firing(path)])
    yield Case(name, "since this morning", "23h", suspended)
    yield Case(name, "not at all", "25h", [state("1x1600")])

    def work(count: str, spent: str = "0x100", name: str = "brisa-production") -> list[Input]:
        labels = {"kind": "Kustomization", "name": name, **FLUX, "namespace": "flux-system"}
        return [
            series(m.FLUX_DURATION_COUNT, count, **labels),
            series(m.FLUX_DURATION_SUM, spent, **labels),
        ]

    ours = {"name": "brisa-production", **FLUX}
    name = "FluxNotReconciling"
    yield Case(name, "nothing happens", "30m", [*work("7x100"), state("1x100")], [Firing(ours)])
    yield Case(name, "it is done every five minutes", "30m", work("0+0.2x100"))
    yield Case(
        name,
        "nothing happens, on purpose",
        "30m",
        [*work("7x100"), state("1x100", suspended="True")],
    )
    yield Case(name, "a path of others is left alone", "30m", work("7x100", name="theirs"))

    name = "FluxReconcileSlow"
    yield Case(
        name, "two minutes each", "60m", work("0+0.2x100", "0+24x100"), [Firing(ours, "2m 0s")]
    )
    yield Case(name, "ten seconds each", "60m", work("0+0.2x100", "0+2x100"))
