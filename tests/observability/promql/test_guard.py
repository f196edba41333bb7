"""What stops an experiment, asked of a real Prometheus as a status check of Chaos Mesh asks it."""

from datetime import UTC, datetime

import pytest
import requests

from observability.promql.guard import blind, collateral, question

pytestmark = pytest.mark.cluster

NOW = int(datetime.now(UTC).timestamp()) // 15 * 15
OK, STOPS, NONSENSE = 200, 422, 400
ODD = {"api": 0, "web": 2.5}
LINES = [
    "# TYPE anomaly_detection_score gauge",
    *(
        f'anomaly_detection_score{{destination_service_namespace="shop",'
        f'destination_service_name="{name}",for="errors"}} {score} {moment}'
        for name, score in ODD.items()
        for moment in range(NOW - 600, NOW + 1, 15)
    ),
    "# TYPE anomaly_detector_last_success_timestamp_seconds gauge",
    *(
        f"anomaly_detector_last_success_timestamp_seconds {NOW - 300} {moment}"
        for moment in range(NOW - 600, NOW + 1, 15)
    ),
    "# EOF\n",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory, monitoring_programs):
    from tests.conftest import run_monitoring  # noqa: PLC0415 - starts processes of its own

    root = tmp_path_factory.mktemp("guard")
    recording = root / "recording.om"
    recording.write_text("\n".join(LINES))
    with run_monitoring(root / "monitoring", monitoring_programs, recording) as started:
        yield started.prometheus_url


@pytest.fixture
def answer(server):
    return lambda *conditions: (
        requests.get(f"{question(server, *conditions)}&time={NOW}", timeout=10).status_code
    )


CASES = {
    "nothing found": (["vector(1) > 2"], OK),
    "something found": (["vector(3) > 2"], STOPS),
    "several series found": (["anomaly_detection_score >= 0"], STOPS),
    "one of two conditions": (["vector(1) > 2", "vector(3) > 2"], STOPS),
    "a condition that is none": (["vector(1) >"], NONSENSE),
    "odd is only the target": ([collateral(["shop"], ["web"])], OK),
    "odd is another than the target": ([collateral(["shop"], ["api"])], STOPS),
    "odd is another in another namespace": ([collateral(["bank"], ["api"])], OK),
    "a detector that judged a little while ago": ([blind(120)], OK),
    "a detector that has not judged for long": ([blind(60)], STOPS),
}


@pytest.mark.parametrize("conditions, code", CASES.values(), ids=CASES)
def test_a_run_goes_on_only_when_nothing_speaks_against_it(answer, conditions, code):
    assert answer(*conditions) == code


def test_a_detector_that_never_judged_is_blind(server):
    url = f"{question(server, blind(120))}&time={NOW - 3600}"
    assert requests.get(url, timeout=10).status_code == STOPS
