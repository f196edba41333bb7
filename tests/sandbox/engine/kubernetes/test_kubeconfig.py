"""Kubeconfigs."""

import base64
import json

import pytest
import yaml

from sandbox.engine.kubernetes import kubeconfig
from sandbox.engine.kubernetes.errors import ProviderError

DOCUMENT = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "first",
    "clusters": [
        {"name": "one", "cluster": {"server": "https://one:6443/"}},
        {
            "name": "two",
            "cluster": {
                "server": "https://two",
                "certificate-authority-data": base64.b64encode(b"CA").decode(),
            },
        },
    ],
    "contexts": [
        {"name": "first", "context": {"cluster": "one", "user": "someone"}},
        {"name": "second", "context": {"cluster": "two", "user": "robot", "namespace": "apps"}},
    ],
    "users": [
        {"name": "someone", "user": {"token": "t0ken"}},
        {"name": "robot", "user": {"client-certificate": "cert.pem", "client-key": "key.pem"}},
    ],
}
TEXT = yaml.safe_dump(DOCUMENT)


def access(text=TEXT, context="", cluster="", namespace=""):
    return kubeconfig.resolve(
        kubeconfig.parse(text), context=context, cluster=cluster, namespace=namespace
    )


class TestParse:
    def test_text_and_path_are_the_same(self, tmp_path):
        path = tmp_path / "config"
        path.write_text(TEXT)
        assert kubeconfig.parse(str(path)).clusters == kubeconfig.parse(TEXT).clusters

    def test_json_in_one_line_is_a_text(self):
        assert kubeconfig.parse(json.dumps(DOCUMENT)).current_context == "first"

    def test_the_home_folder_is_expanded(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / "config").write_text(TEXT)
        assert kubeconfig.parse("~/config").current_context == "first"

    @pytest.mark.parametrize("text", ["/no/such/file", "- a\n- b\n", "key: [unclosed\n"])
    def test_anything_else_is_refused_without_quoting_it(self, text):
        with pytest.raises(ProviderError, match="failed to parse kubeconfig") as refusal:
            kubeconfig.parse(text)
        assert text not in str(refusal.value)


class TestResolve:
    def test_the_current_context_is_the_default(self):
        found = access()
        assert (found.server, found.token, found.namespace) == (
            "https://one:6443",
            "t0ken",
            "default",
        )

    def test_context_cluster_and_namespace_can_be_chosen(self):
        found = access(cluster="two", namespace="mine")
        assert (found.server, found.token, found.namespace) == ("https://two", "t0ken", "mine")

    def test_files_are_relative_to_the_kubeconfig(self, tmp_path):
        (tmp_path / "config").write_text(TEXT)
        (tmp_path / "cert.pem").write_bytes(b"CERT")
        (tmp_path / "key.pem").write_bytes(b"KEY")
        found = access(str(tmp_path / "config"), context="second")
        assert (found.ca, found.certificate, found.key) == (b"CA", b"CERT", b"KEY")
        assert found.namespace == "apps"

    def test_credentials_never_show_in_text(self):
        assert "t0ken" not in repr(access())

    @pytest.mark.parametrize(
        "arguments, message",
        [
            ({"context": "third"}, 'context "third" does not exist'),
            ({"cluster": "three"}, 'cluster "three" does not exist'),
            ({"text": "apiVersion: v1\n"}, "no configuration has been provided"),
        ],
    )
    def test_what_is_missing_is_named(self, arguments, message):
        with pytest.raises(ProviderError, match=message):
            access(**arguments)

    def test_a_login_plugin_is_refused_with_what_to_do(self):
        document = DOCUMENT | {"users": [{"name": "someone", "user": {"exec": {"command": "x"}}}]}
        with pytest.raises(ProviderError, match="client certificate or a token"):
            access(yaml.safe_dump(document))


def test_the_ambient_configuration_merges_files_the_first_winning(tmp_path, monkeypatch):
    (tmp_path / "a").write_text(yaml.safe_dump(DOCUMENT | {"current-context": "second"}))
    (tmp_path / "b").write_text(TEXT)
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'a'}:{tmp_path / 'missing'}:{tmp_path / 'b'}")
    assert kubeconfig.ambient().current_context == "second"
