"""A stack file, as operations read it."""

import pytest
import yaml

from ops.errors import UsageError
from ops.stack import read_stack

STACK = {"cluster": {"context": "prod"}, "services": [{"name": "web", "namespace": "shop"}]}


def test_is_read_as_it_is(tmp_path):
    content = {"config": {f"brisa-platform:{key}": value for key, value in STACK.items()}}
    (tmp_path / "Pulumi.prod.yaml").write_text(yaml.safe_dump(content))
    stack = read_stack("prod", tmp_path)
    assert (stack.context, len(stack.services)) == ("prod", 1)
    assert stack.says("gitops", "install") == "operator"
    assert stack.rules == {}


def test_has_its_policies_beside_it(tmp_path):
    (tmp_path / "Pulumi.prod.yaml").touch()
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "prod.json").write_text('{"all": "mandatory"}')
    assert read_stack("prod", tmp_path).rules == {"all": "mandatory"}
    (tmp_path / "policy" / "prod.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read as JSON"):
        read_stack("prod", tmp_path)


def test_that_is_not_there_is_told_with_those_that_are(tmp_path):
    (tmp_path / "Pulumi.prod.yaml").touch()
    with pytest.raises(UsageError, match=r"Pulumi\.moon\.yaml is missing; stacks here: prod"):
        read_stack("moon", tmp_path)


def test_that_is_no_yaml_is_told(tmp_path):
    (tmp_path / "Pulumi.prod.yaml").write_text("{")
    with pytest.raises(UsageError, match="cannot be read as YAML"):
        read_stack("prod", tmp_path)
