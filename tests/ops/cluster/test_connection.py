"""From a kubeconfig to a connection; whatever is wrong with it is told in one line."""

import pytest
import yaml

from ops.cluster import connect
from ops.errors import NoClusterError


def kubeconfig(path, *contexts, current=None):
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": n, "cluster": {"server": f"https://{n}.invalid"}} for n in contexts],
        "users": [{"name": n, "user": {"token": "t"}} for n in contexts],
        "contexts": [{"name": n, "context": {"cluster": n, "user": n}} for n in contexts],
        "current-context": current or contexts[0],
    }
    path.write_text(yaml.safe_dump(document))
    return str(path)


class TestConnect:
    def test_takes_the_current_context(self, tmp_path):
        found = connect(kubeconfig(tmp_path / "config", "a", "b", current="b"))
        assert (found.name, found.server) == ("b", "https://b.invalid")

    def test_takes_the_context_that_was_asked_for(self, tmp_path):
        assert connect(kubeconfig(tmp_path / "config", "a", "b"), "b").name == "b"

    def test_merges_several_files_as_kubectl_does(self, tmp_path, monkeypatch):
        first, second = kubeconfig(tmp_path / "1", "a"), kubeconfig(tmp_path / "2", "b")
        monkeypatch.setenv("KUBECONFIG", f"{first}:{second}")
        assert connect(context="b").server == "https://b.invalid"

    def test_names_the_contexts_that_there_are(self, tmp_path):
        with pytest.raises(NoClusterError, match=r"no context 'c'; it has: a, b"):
            connect(kubeconfig(tmp_path / "config", "a", "b"), "c")

    def test_says_where_it_looked(self, tmp_path):
        with pytest.raises(NoClusterError, match=r"no kubeconfig at .*nowhere; set KUBECONFIG"):
            connect(str(tmp_path / "nowhere"))

    @pytest.mark.parametrize("text", ["", "no: kubeconfig", "[1, 2]", "{unclosed", "a: b: c"])
    def test_a_file_that_is_none_is_refused(self, tmp_path, text):
        path = tmp_path / "config"
        path.write_text(text)
        with pytest.raises(NoClusterError, match="cannot be used"):
            connect(str(path))
