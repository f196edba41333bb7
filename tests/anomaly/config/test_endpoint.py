import pytest
from pydantic import ValidationError

from anomaly.config.endpoint import Endpoint, SecretSource
from anomaly.errors import SettingsError

URL = "https://prometheus:9090"
TOKEN = {"file": "/token"}


class TestEndpoint:
    @pytest.mark.parametrize(
        "settings,what",
        [
            ({"url": "prometheus:9090"}, "url"),
            ({"url": "http://ann:pw@prometheus"}, "url"),
            ({"url": "http://prometheus?token=x"}, "url"),
            ({"tenant": "a b"}, "tenant"),
            ({"tenant": "a\nX-Evil: 1"}, "tenant"),
            ({"tenant_header": "X: y"}, "tenant_header"),
            ({"key_file": "/key"}, "key_file needs cert_file"),
            ({"url": "http://prometheus", "ca_file": "/ca"}, "need an https URL"),
            ({"attempts": 0}, "attempts"),
            ({"timeout_seconds": 0}, "timeout_seconds"),
            ({"insecure": True}, "insecure"),
            (
                {"bearer_token": TOKEN, "basic_auth": {"username": "a", "password": TOKEN}},
                "bearer_token or basic_auth, not both",
            ),
            ({"bearer_token": "inline"}, "bearer_token"),
        ],
    )
    def test_mistakes_are_told(self, settings, what):
        with pytest.raises(ValidationError, match=what):
            Endpoint.model_validate({"url": URL} | settings)


class TestSecretsInTheWrongPlace:
    """Somebody writes the secret itself into the configuration."""

    @pytest.mark.parametrize(
        "settings",
        [
            {"url": "http://ann:hunter2@prometheus"},
            {"url": "https://ann:hun/ter2@prometheus@x"},
            {"bearer_token": "hunter2"},
            {"bearer_token": {"value": "hunter2"}},
            {"bearer_token": {"env": "hunter2/!"}},
            {"basic_auth": {"username": "ann", "password": "hunter2"}},
        ],
    )
    def test_are_refused_and_not_repeated(self, settings):
        with pytest.raises(ValidationError) as refused:
            Endpoint.model_validate({"url": URL} | settings)
        shown = str(refused.value) + repr(refused.value.errors())
        assert "hunter2" not in shown
        assert "ter2" not in shown

    def test_are_named_by_their_place(self):
        with pytest.raises(ValidationError, match=r"bearer_token.a secret written here\n"):
            Endpoint.model_validate({"url": URL, "bearer_token": "hunter2"})


class TestSecretSource:
    @pytest.mark.parametrize("source", [{}, {"file": "/a", "env": "A"}, {"env": "not a name"}])
    def test_is_one_place(self, source):
        with pytest.raises(ValidationError):
            SecretSource.model_validate(source)

    def test_may_be_an_environment_variable(self, monkeypatch):
        monkeypatch.setenv("THE_TOKEN", " hunter2\n")
        secret = SecretSource(env="THE_TOKEN").read()
        assert secret.get_secret_value() == "hunter2"
        assert "hunter2" not in repr(secret)

    @pytest.mark.parametrize("content", ["", " \n", "one\ntwo"])
    def test_holds_one_line(self, tmp_path, content):
        path = tmp_path / "secret"
        path.write_text(content)
        with pytest.raises(SettingsError, match=rf"^file {path} holds no secret"):
            SecretSource(file=path).read()

    def test_is_not_a_large_file(self, tmp_path):
        path = tmp_path / "secret"
        path.write_bytes(b"x" * 70_000)
        with pytest.raises(SettingsError, match="longer than 65536 bytes"):
            SecretSource(file=path).read()

    def test_that_is_not_set_is_named(self, monkeypatch):
        monkeypatch.delenv("THE_TOKEN", raising=False)
        with pytest.raises(SettingsError, match="environment variable THE_TOKEN holds no secret"):
            SecretSource(env="THE_TOKEN").read()
