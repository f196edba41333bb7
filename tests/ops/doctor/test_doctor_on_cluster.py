"""The doctor on a real API server that has the platform's kinds and nothing else."""

import pytest

from ops.areas import Sources
from ops.cluster import connect
from ops.doctor import examine

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def found(platform):
    cluster = connect(str(platform.kubeconfig))
    examination = examine(Sources(cluster))
    cluster.close()
    return {each.name: each for each in examination.checks}


@pytest.mark.parametrize("name", ["version", "clock", "rights", "Prometheus Operator", "Istio"])
def test_asks_what_a_real_api_server_answers(found, name):
    assert found[name].state == "well", found[name]


def test_says_that_an_empty_cluster_has_no_dns(found):
    assert found["DNS"].state == "unwell"


def test_ends_with_3_and_prints_a_document(command, platform):
    done = command("doctor", "-o", "json", kubeconfig=platform.kubeconfig)
    assert (done.code, done.document["document"]) == (3, "doctor/1")
