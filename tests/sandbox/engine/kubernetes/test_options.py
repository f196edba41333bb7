"""The provider's arguments."""

import pytest

from sandbox.engine.kubernetes import options
from sandbox.engine.kubernetes.errors import ProviderError


def read(**arguments):
    return options.read({f"kubernetes:config:{key}": text for key, text in arguments.items()})


def test_defaults_are_the_official_plugins():
    found = read()
    assert found.server_side_apply
    assert not any(
        (
            found.patch_force,
            found.upsert,
            found.mutability.config_maps,
            found.mutability.secrets,
            found.delete_unreachable,
            found.skip_update_unreachable,
        )
    )


def test_an_argument_outranks_the_environment(monkeypatch):
    monkeypatch.setenv("PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", "false")
    assert not read().server_side_apply
    assert read(enableServerSideApply="true").server_side_apply


def test_the_clients_timeout_is_in_seconds():
    assert read(kubeClientSettings='{"timeout": 7}').timeout_seconds == 7


def test_helms_places_become_its_environment():
    found = read(helmReleaseSettings='{"driver": "configmap", "repositoryCache": "/cache"}')
    assert found.helm_environment == {"HELM_DRIVER": "configmap", "HELM_REPOSITORY_CACHE": "/cache"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"kubeClientSettings": '{"timeout": "soon"}'},
        {"kubeClientSettings": "{"},
        {"helmReleaseSettings": "[1]"},
    ],
)
def test_malformed_settings_are_refused(arguments):
    with pytest.raises(ProviderError):
        read(**arguments)
