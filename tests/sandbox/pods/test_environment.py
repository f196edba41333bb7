import pytest

from sandbox.errors import PodError
from sandbox.pods.environment import environment, expand


@pytest.fixture
def variables(job, objects):
    """The environment of a container, without what Kubernetes adds."""

    def make(*env, index=None, template=None, **container):
        made = environment(job(env=list(env), template=template, **container), index, objects)
        return {name: value for name, value in made.items() if name != "HOSTNAME"}

    return make


def entry(name, **source):
    return {"name": name, "valueFrom": source}


class TestValues:
    def test_are_taken_as_they_are(self, variables):
        assert variables({"name": "A", "value": "1"}, {"name": "B"}) == {"A": "1", "B": ""}

    def test_may_refer_to_earlier_ones(self, variables):
        made = variables({"name": "A", "value": "x"}, {"name": "B", "value": "$(A)/$(C) $$(A)"})
        assert made["B"] == "x/$(C) $(A)"

    def test_come_from_config_maps_and_secrets(self, variables, objects):
        objects.config_map("settings", {"url": "http://x"})
        objects.secret("keys", {"token": "hunter2"})
        made = variables(
            entry("URL", configMapKeyRef={"name": "settings", "key": "url"}),
            entry("TOKEN", secretKeyRef={"name": "keys", "key": "token"}),
        )
        assert made == {"URL": "http://x", "TOKEN": "hunter2"}

    def test_come_from_all_of_a_config_map_with_a_prefix(self, variables, objects):
        objects.config_map("settings", {"a": "1"})
        objects.secret("keys", {"b": "2"})
        sources = [
            {"configMapRef": {"name": "settings"}, "prefix": "P_"},
            {"secretRef": {"name": "keys"}},
        ]
        made = variables({"name": "b", "value": "3"}, envFrom=sources)
        assert made == {"P_a": "1", "b": "3"}

    @pytest.mark.parametrize(
        "path,value",
        [
            ("metadata.name", "report-1"),
            ("metadata.namespace", "home"),
            ("metadata.labels['app']", "reporter"),
            ("metadata.annotations['none']", ""),
            ("spec.serviceAccountName", "default"),
            ("status.podIP", "127.0.0.1"),
        ],
    )
    def test_come_from_the_pod_itself(self, variables, path, value):
        made = variables(
            entry("IT", fieldRef={"fieldPath": path}),
            index=1,
            template={"labels": {"app": "reporter"}},
        )
        assert made["IT"] == value


class TestRefusals:
    @pytest.mark.parametrize(
        "source,named",
        [
            ({"configMapKeyRef": {"name": "gone", "key": "a"}}, "ConfigMap gone"),
            ({"secretKeyRef": {"name": "keys", "key": "tokn"}}, "Secret keys has no entry tokn"),
            ({"fieldRef": {"fieldPath": "spec.nodeName"}}, r"spec\.nodeName"),
            ({"resourceFieldRef": {"resource": "limits.cpu"}}, "resourceFieldRef"),
        ],
    )
    def test_what_cannot_be_known_is_named(self, variables, objects, source, named):
        objects.secret("keys", {"token": "x"})
        with pytest.raises(PodError, match=named):
            variables(entry("IT", **source))

    def test_what_is_optional_may_be_missing(self, variables):
        reference = {"name": "gone", "key": "a", "optional": True}
        made = variables(
            entry("A", secretKeyRef=reference),
            envFrom=[{"configMapRef": {"name": "gone", "optional": True}}],
        )
        assert made == {}

    def test_secrets_are_not_part_of_the_message(self, variables, objects):
        objects.secret("keys", {"token": "hunter2"})
        with pytest.raises(PodError) as refused:
            variables(entry("IT", secretKeyRef={"name": "keys", "key": "other"}))
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "text,expanded",
    [("$(A)", "1"), ("$$(A)", "$(A)"), ("$(B)", "$(B)"), ("$A $", "$A $"), ("$$$(A)", "$1")],
)
def test_references_follow_the_rules_of_kubernetes(text, expanded):
    assert expand(text, {"A": "1"}) == expanded
