"""What a pull request's code is previewed against holds no secret of the stack."""

import json

import pytest
import yaml

from ops.delivery.engine import Engine
from ops.delivery.preview.detached import detached, without_secrets
from ops.delivery.preview.redaction import PULUMI_SIGNATURE
from ops.delivery.rendering.recording import SECRET
from ops.delivery.rendering.stacks import STAND_IN
from ops.errors import UsageError

CIPHER = {PULUMI_SIGNATURE: SECRET, "ciphertext": "v1:c4n4ry"}
PLAIN = {PULUMI_SIGNATURE: SECRET, "plaintext": json.dumps(STAND_IN)}
STATE = {
    "version": 3,
    "deployment": {
        "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:c4n4ry"}},
        "resources": [
            {"urn": "a", "inputs": {"data": {"token": CIPHER}, "list": [CIPHER, "kept"]}},
            {"urn": "b", "outputs": CIPHER},
        ],
    },
}
EMPTY = {"deployment": {"secrets_providers": {"type": "passphrase", "state": {"salt": "own"}}}}
FILE = {
    "encryptionsalt": "v1:c4n4ry",
    "config": {"brisa-platform:a": {"b": 1}, "brisa-platform:slackToken": {"secure": "c4n4ry"}},
}


def test_every_secret_of_a_state_gives_way_and_all_else_is_kept():
    deployment = without_secrets(STATE)["deployment"]
    assert deployment == {
        "resources": [
            {"urn": "a", "inputs": {"data": {"token": PLAIN}, "list": [PLAIN, "kept"]}},
            {"urn": "b", "outputs": PLAIN},
        ]
    }


@pytest.fixture
def asked(monkeypatch):
    """What the engine was asked, where, and with which variables."""
    commands = []

    def read(engine, *command):
        files = {
            path.name: path.read_text() for path in engine.folder.glob("*.*") if path.is_file()
        }
        commands.append((command, files, engine.variables))
        return json.dumps(EMPTY if engine.variables else STATE)

    monkeypatch.setattr(Engine, "read", read)
    return commands


def test_a_stack_is_set_up_apart_and_without_its_secrets(asked, tmp_path):
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump(FILE))
    with detached(Engine("prod", tmp_path)) as (engine, flags):
        assert engine.folder == tmp_path
        assert flags[0] == "--config-file"
        assert engine.variables["PULUMI_BACKEND_URL"].startswith("file:///")
        assert len(engine.variables["PULUMI_CONFIG_PASSPHRASE"]) >= 32
    (export, _, _), *apart = asked
    assert export[:2] == ("stack", "export")
    assert [command[:2] for command, _, _ in apart] == [
        ("stack", "init"), ("config", "set"), ("stack", "export"), ("stack", "import"),
    ]  # fmt: skip
    assert apart[1][0][-2:] == ("brisa-platform:slackToken", STAND_IN)
    imported = json.loads(apart[-1][1]["state.json"])["deployment"]
    assert imported["secrets_providers"]["state"] == {"salt": "own"}
    for _, files, variables in apart:
        assert "c4n4ry" not in json.dumps(files)
        assert variables == engine.variables
        assert yaml.safe_load(files["Pulumi.prod.yaml"]) == {
            "config": {"brisa-platform:a": {"b": 1}}
        }


def test_each_preview_has_a_passphrase_of_its_own(asked, tmp_path):
    (tmp_path / "Pulumi.prod.yaml").write_text("config: {}")
    made = set()
    for _ in range(2):
        with detached(Engine("prod", tmp_path)) as (engine, _):
            made.add(engine.variables["PULUMI_CONFIG_PASSPHRASE"])
    assert len(made) == 2


def test_a_stack_without_a_file_is_told(asked, tmp_path):
    with (
        pytest.raises(UsageError, match=r"Pulumi\.prod\.yaml is missing"),
        detached(Engine("prod", tmp_path)),
    ):
        pass
