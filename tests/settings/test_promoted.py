"""What is promoted of a configuration, and what is each environment's own."""

import json

import pytest

from settings.load import read
from settings.promoted import OWN, images, promoted, release
from tests.program.stacks import configuration
from tests.recording import PROJECT
from tests.settings.conftest import NOW

DIGEST = "sha256:" + "a" * 64


def stack(name, **changes):
    values = {k.removeprefix(f"{PROJECT}:"): v for k, v in configuration(name).items()}
    del values["slackToken"]
    return read(values | changes, set(), NOW)


def changed(name, area, change):
    """A committed stack with an area changed in place."""
    content = json.loads(configuration(name).get(f"{PROJECT}:{area}", "{}"))
    change(content)
    return stack(name, **{area: json.dumps(content)})


def hashes(settings):
    return release(settings).configuration


def test_staging_and_production_promote_the_same():
    assert hashes(stack("staging")) == hashes(stack("prod"))


def test_every_place_that_is_an_environments_own_exists():
    areas = promoted(stack("staging"))
    assert set(areas) == {"services", "gitops", "mesh", "chaos", "anomaly", "observability"}
    assert {place.partition(".")[0].removesuffix("[]") for place in OWN} <= set(areas)


@pytest.mark.parametrize(
    "area, change",
    [
        ("services", lambda all_: all_[0].update(replicas=9)),
        ("services", lambda all_: all_[0].update(image={"name": "web", "digest": DIGEST})),
        ("gitops", lambda area: area.update(branch="release", slack=None)),
        ("gitops", lambda area: area["kustomizations"][0].update(deletionPolicy="Delete")),
        ("chaos", lambda area: area.update(killSwitch=True, owner="others")),
        ("chaos", lambda area: area["schedules"][0].update(cron="0 5 * * mon", paused=True)),
        ("chaos", lambda area: area["workflows"][0]["health"].update(url="http://x/health")),
        ("anomaly", lambda area: area.update(enabled=False, prometheusUrl="http://p:9090")),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_an_environments_own_may_differ(area, change):
    assert hashes(changed("staging", area, change)) == hashes(stack("staging"))


@pytest.mark.parametrize(
    "area, change",
    [
        ("services", lambda all_: all_[0].update(port=3001)),
        ("services", lambda all_: all_[1].update(callers=["ingress"])),
        ("services", lambda all_: all_[3]["route"].update(timeout="9s")),
        ("services", lambda all_: all_.pop()),
        ("gitops", lambda area: area["kustomizations"][0].update(path="other")),
        ("gitops", lambda area: area.update(instance={"version": "2.9.4"})),
        ("mesh", lambda area: area.update(imageTag="1.30.0")),
        ("mesh", lambda area: area["mtls"].update(mode="PERMISSIVE")),
        ("chaos", lambda area: area["schedules"][0]["fault"].update(duration="31s")),
        ("chaos", lambda area: area["workflows"][0]["steps"].pop()),
        ("anomaly", lambda area: area["thresholds"].update(zscore=4.0)),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_tried_must_be_the_same(area, change):
    before, after = hashes(stack("staging")), hashes(changed("staging", area, change))
    assert {key for key in before if before[key] != after[key]} == {area}


def test_a_default_that_is_written_out_changes_nothing():
    written = changed("staging", "mesh", lambda area: area.update(trustDomain="cluster.local"))
    assert hashes(written) == hashes(stack("staging"))


class TestImages:
    def test_are_those_that_are_pinned(self):
        pinned = changed(
            "staging",
            "services",
            lambda all_: all_[0].update(image={"name": "web", "digest": DIGEST}),
        )
        assert images(pinned)["web"] == DIGEST

    def test_hold_none_that_goes_by_its_tag(self):
        tagged = changed(
            "staging", "services", lambda all_: all_[0].update(image={"name": "web", "newTag": "1"})
        )
        assert "web" not in images(tagged)

    def test_hold_the_detectors_where_it_is_installed(self):
        name = "ghcr.io/albertodimas/brisa-anomaly-runtime"
        assert name in images(stack("staging"))
        assert name not in images(
            changed("staging", "anomaly", lambda area: area.update(install=False))
        )
