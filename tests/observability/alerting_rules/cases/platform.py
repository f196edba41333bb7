"""The monitoring itself."""

from collections.abc import Iterator

from tests.observability.alerting_rules.cases.inputs import HOME
from tests.observability.alerting_rules.promtool import Case, Firing, series
from vocabulary import metrics as m

FLUX = {"exported_namespace": "flux-system"}
CHAOS = {"exported_namespace": HOME}


def cases() -> Iterator[Case]:
    yield Case("Watchdog", "always", "0m", (), [Firing({})])
    here = {"namespace": "flux-system"}
    exported = [
        series(m.FLUX_DURATION_COUNT, "1x100", kind="Kustomization", name="a", **FLUX, **here),
        series(m.FLUX_OPERATOR_STATE, "1x100", kind="Kustomization", name="a", **FLUX, **here),
        series(m.CERTIFICATE_LEFT, "80000x100", resource_name="default", **here),
        series(m.PUSHES, "1x100", type="cds", **here),
        series(m.SCHEDULES, "6x100", **CHAOS, **here),
    ]
    name = "TelemetryMissing"
    yield Case(name, "all is exported", "45m", exported)
    for place, source in enumerate(
        ("flux", "flux-state", "istio", "istio-control-plane", "chaos-mesh")
    ):
        rest = [each for other, each in enumerate(exported) if other != place]
        yield Case(name, f"nothing of {source} is", "45m", rest, [Firing({"source": source})])
    gap = [series(m.SCHEDULES, "6x20 _x10 6x60", **CHAOS, **here), *exported[:4]]
    yield Case(name, "a gauge vanishes for a moment", "31m", gap)
