import pytest

from components.mtls import MutualTls
from vocabulary.kinds import PEER_AUTHENTICATION


@pytest.fixture
def policies(deploy, mesh, service):
    """Deploy mutual TLS and return its policies."""

    def run(*further, **keys):
        settings = mesh(**keys)
        services = [service(), service(name="web", namespace="shop"), *further]
        graph = deploy(lambda: MutualTls("mtls", settings, services))
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


class TestOptOut:
    PLAIN = {"reason": "tills", "until": "2027-01-31", "sources": ["10.9.0.0/16"]}

    @pytest.fixture
    def opted(self, policies, service):
        """The policy of a service that takes plain text."""

        def run(**keys):
            plain = self.PLAIN | keys.pop("plain", {})
            tills = service(name="tills", containerPort=3000, plainText=plain, **keys)
            (found,) = [p for p in policies(tills) if p.where[1] == "tills-plain-text"]
            return found

        return run

    def test_lets_plain_text_in_where_its_pods_listen_and_nowhere_else(self, opted):
        """A proxy sees the port of its pod; `PERMISSIVE` leaves others their mutual TLS."""
        assert opted(furtherPorts=[{"port": 9090}], plain={"ports": [8080]}).spec == {
            "selector": {"matchLabels": {"app": "tills"}},
            "mtls": {"mode": "STRICT"},
            "portLevelMtls": {"3000": {"mode": "PERMISSIVE"}},
        }

    def test_is_of_all_ports_unless_some_are_named(self, opted):
        ports = opted(furtherPorts=[{"port": 9090}]).spec["portLevelMtls"]
        assert set(ports) == {"3000", "9090"}

    def test_says_why_and_until_when(self, opted):
        assert opted().metadata["annotations"] == {
            "platform.brisa/plain-text-until": "2027-01-31",
            "platform.brisa/plain-text-reason": "tills",
        }
