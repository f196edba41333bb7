"""What the table makes of what was found; on this very machine too."""

import pytest

from sandbox.errors import PrerequisiteError
from sandbox.node.preflight import (
    FEATURES,
    NETWORK_DELAYS,
    NETWORK_POLICIES,
    NODE,
    Check,
    Preflight,
    examine,
)

ROOT = Check("root", NODE, "yes")
NO_ROOT = Check("root", NODE, "user 1000", "run it as root")
NO_OVERLAY = Check("overlayfs", NODE, "no such device", "use another disk")
NO_NETEM = Check("netem", NETWORK_DELAYS, "unknown", "use another kernel")


def test_a_machine_that_has_everything_runs_everything():
    """Nothing is missing where every check passed."""
    assert Preflight([ROOT]).missing == {}
    Preflight([ROOT]).require_node()


def test_what_only_one_feature_needs_keeps_only_that_from_running():
    """Faults of the network are no reason to run no node."""
    preflight = Preflight([ROOT, NO_NETEM])
    assert preflight.reason(NODE) is None
    assert preflight.reason(NETWORK_POLICIES) is None
    assert preflight.reason(NETWORK_DELAYS) == "netem: unknown"
    preflight.require_node()


def test_without_a_node_nothing_runs_in_it():
    """Every feature gives the node's reason."""
    preflight = Preflight([NO_ROOT])
    assert {preflight.reason(feature) for feature in FEATURES} == {"root: user 1000"}


def test_one_error_names_everything_that_is_missing_and_what_runs_instead():
    """Nobody should meet the second problem after solving the first."""
    with pytest.raises(PrerequisiteError) as error:
        Preflight([NO_ROOT, NO_OVERLAY, NO_NETEM]).require_node()
    message = str(error.value)
    assert "root: user 1000. run it as root" in message
    assert "overlayfs: no such device. use another disk" in message
    assert "netem" not in message
    assert "`make up` brings up the control plane" in message


def test_this_machine_is_examined_without_leaving_anything(tmp_path):
    """Every check says something; the folder of the sandbox to come is not even made."""
    found = examine(tmp_path / "run").checks
    assert all(check.found for check in found)
    assert {check.needed_for for check in found} == set(FEATURES)
    assert list(tmp_path.iterdir()) == []


def test_without_root_nothing_is_tried(tmp_path, monkeypatch):
    """The reason is root, not what trying without it would say."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("sandbox.node.preflight._try", None)
    preflight = examine(tmp_path)
    assert preflight.reason(NODE).startswith("root: user 1000")
    assert preflight.reason(NETWORK_POLICIES) is not None


def test_a_folder_with_too_long_a_name_is_found_out_before_the_kernel_does(tmp_path):
    """A Unix socket's path ends after 107 characters."""
    long = tmp_path / ("deep/" * 30)
    check = next(check for check in examine(long).checks if check.name == "folder")
    assert not check.passed
    assert "--folder" in check.remedy
