from pathlib import Path

import pytest

from sandbox.pods.rewriting import Rewriting, cluster_addresses, mentions

FOLDERS = {
    "/config": Path("/tmp/pod/config"),
    "/config/extra": Path("/tmp/pod/extra"),
    "/tmp": Path("/tmp/pod/tmp"),
}
ADDRESSES = {
    "prometheus.monitoring:9090": "http://127.0.0.1:1",
    "hooks.example": "http://127.0.0.1:2/",
}


@pytest.fixture
def rewritten():
    return Rewriting(FOLDERS, ADDRESSES)


class TestPaths:
    @pytest.mark.parametrize(
        "text,result",
        [
            ("/config/a.json", "/tmp/pod/config/a.json"),
            ("--config=/config", "--config=/tmp/pod/config"),
            ('{"file": "/config/extra/x"}', '{"file": "/tmp/pod/extra/x"}'),
            ("/config:/tmp/x", "/tmp/pod/config:/tmp/pod/tmp/x"),
            ("(/config)", "(/tmp/pod/config)"),
        ],
    )
    def test_become_folders_once(self, rewritten, text, result):
        assert rewritten(text) == result

    @pytest.mark.parametrize(
        "text", ["/configuration", "/etc/config", "https://host/config", "./config", "/config-2"]
    )
    def test_others_stay(self, rewritten, text):
        assert rewritten(text) == text


class TestAddresses:
    @pytest.mark.parametrize(
        "text,result",
        [
            ("http://prometheus.monitoring:9090/api", "http://127.0.0.1:1/api"),
            ('"https://hooks.example/a/b"', '"http://127.0.0.1:2/a/b"'),
            ("https://hooks.example:8443", "http://127.0.0.1:2"),
        ],
    )
    def test_lead_where_they_are_told_to(self, rewritten, text, result):
        assert rewritten(text) == result

    @pytest.mark.parametrize(
        "text",
        [
            "http://prometheus.monitoring:90901",
            "http://prometheus.monitoring",
            "http://prometheus.monitoring.svc:9090",
            "https://hooks.example.org",
            "https://my-hooks.example",
            "prometheus.monitoring:9090",
        ],
    )
    def test_others_stay(self, rewritten, text):
        assert rewritten(text) == text

    def test_that_stand_in_a_text_are_found(self):
        assert mentions("at http://a.b:1/x", "a.b:1")
        assert not mentions("at http://a.bc:1/x", "a.b")

    def test_of_the_inside_of_a_cluster_are_found(self):
        text = "http://a.b.svc:9090/x https://c.d.svc.cluster.local http://e.svcs http://f.g"
        assert list(cluster_addresses(text)) == ["a.b.svc:9090", "c.d.svc.cluster.local"]
