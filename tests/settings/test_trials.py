"""Settings as people write them: wrong ones are refused at their key, right ones are taken."""

from pathlib import Path

import pytest
import yaml

from tests.settings.conftest import Configuration

HERE = Path(__file__).parent
WRONG = {
    f"{area}: {about}": case
    for area, cases in yaml.safe_load((HERE / "wrong.yaml").read_text(encoding="utf-8")).items()
    for about, case in cases.items()
}
RIGHT = yaml.safe_load((HERE / "right.yaml").read_text(encoding="utf-8"))
WEB = {"name": "web", "namespace": "brisa", "port": 3000, "callers": ["ingress"]}
API = {"name": "api", "namespace": "brisa", "port": 80, "chaos": True}


def changed(changes):
    """The configuration with other values at places such as `services.0.port`."""
    configuration = Configuration()
    for path, value in changes.items():
        steps = [int(step) if step.isdecimal() else step for step in path.split(".")]
        configuration.set(steps, value)
    return configuration


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_at_its_key(case):
    problem = changed(case["set"]).problems()[case["at"]]
    assert problem.what
    assert problem.allowed


@pytest.mark.parametrize("entry", RIGHT["services"].values(), ids=RIGHT["services"])
def test_a_service_is_taken(entry):
    assert changed({"services": [WEB | entry, API]}).read().services[0].name == "web"


@pytest.mark.parametrize("changes", RIGHT["others"].values(), ids=RIGHT["others"])
def test_what_is_right_is_taken(changes):
    assert changed(changes).read()
