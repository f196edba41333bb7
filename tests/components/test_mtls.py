import pytest

from components.mtls import MutualTls
from vocabulary.kinds import PEER_AUTHENTICATION


@pytest.fixture
def policies(deploy, mesh):
    """Deploy mutual TLS and return its policies."""

    def run(**keys):
        settings = mesh(**keys)
        graph = deploy(lambda: MutualTls("mtls", settings, ["brisa", "shop"]))
        return graph.all(PEER_AUTHENTICATION)

    return run


def test_plain_text_is_refused_in_every_namespace_and_the_whole_mesh(policies):
    found = {item.where: item.spec for item in policies()}
    strict = {"mtls": {"mode": "STRICT"}}
    assert found == {
        ("istio-system", "default-mtls"): strict,
        ("brisa", "default-mtls"): strict,
        ("shop", "default-mtls"): strict,
    }


def test_the_way_there_is_permissive_everywhere(policies):
    found = policies(mtls={"mode": "PERMISSIVE"})
    assert {item.spec["mtls"]["mode"] for item in found} == {"PERMISSIVE"}


def test_anothers_mesh_is_not_closed_as_a_whole(policies):
    found = policies(install=False)
    assert [item.where[0] for item in found] == ["brisa", "shop"]
