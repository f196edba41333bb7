import pytest

from sandbox.errors import PodError
from sandbox.pods.volumes import volumes


@pytest.fixture
def volume(objects):
    """The volume of a pod that has one."""

    def make(**source):
        return volumes("home", {"volumes": [{"name": "it", **source}]}, objects)["it"]

    return make


def contents(volume):
    return {path: file.content for path, file in volume.files.items()}


class TestConfigMaps:
    def test_every_entry_is_a_file(self, objects, volume):
        objects.config_map("settings", {"a.json": "{}"}, {"b.zip": b"\0\xff"})
        made = volume(configMap={"name": "settings"})
        assert contents(made) == {"a.json": b"{}", "b.zip": b"\0\xff"}

    def test_or_those_that_are_listed_where_they_are_wanted(self, objects, volume):
        objects.config_map("settings", {"a": "1", "b": "2"})
        items = [{"key": "b", "path": "sub/c", "mode": 0o400}]
        made = volume(configMap={"name": "settings", "items": items, "defaultMode": 0o444})
        assert contents(made) == {"sub/c": b"2"}
        assert made.files["sub/c"].mode == 0o400


class TestSecrets:
    def test_are_decoded_and_have_their_mode(self, objects, volume):
        objects.secret("keys", {"token": "hunter2"})
        made = volume(secret={"secretName": "keys", "defaultMode": 0o440})
        assert contents(made) == {"token": b"hunter2"}
        assert made.files["token"].mode == 0o440


class TestProjected:
    def test_several_sources_lie_in_one_folder(self, objects, volume):
        objects.config_map("settings", {"a": "1"})
        objects.secret("keys", {"b": "2"})
        sources = [{"configMap": {"name": "settings"}}, {"secret": {"name": "keys"}}]
        made = volume(projected={"sources": sources, "defaultMode": 0o400})
        assert contents(made) == {"a": b"1", "b": b"2"}
        assert {file.mode for file in made.files.values()} == {0o400}

    def test_a_token_for_the_api_server_is_not_to_be_had(self, volume):
        with pytest.raises(PodError, match="serviceAccountToken"):
            volume(projected={"sources": [{"serviceAccountToken": {"path": "token"}}]})


class TestScratch:
    def test_is_empty_and_kept_by_nobody(self, volume):
        made = volume(emptyDir={"sizeLimit": "1Gi"})
        assert (made.files, made.claim) == ({}, None)


class TestClaims:
    def test_keep_what_is_written(self, objects, volume):
        objects.claim("state")
        assert volume(persistentVolumeClaim={"claimName": "state"}).claim == "state"

    def test_must_exist(self, volume):
        with pytest.raises(PodError, match="PersistentVolumeClaim state, which does not exist"):
            volume(persistentVolumeClaim={"claimName": "state"})


class TestRefusals:
    @pytest.mark.parametrize(
        "source,named",
        [
            ({"configMap": {"name": "gone"}}, "ConfigMap gone"),
            ({"secret": {"secretName": "gone"}}, "Secret gone"),
            ({"hostPath": {"path": "/"}}, "hostPath"),
            ({"csi": {"driver": "x"}}, "csi"),
        ],
    )
    def test_what_cannot_be_mounted_is_named(self, volume, source, named):
        with pytest.raises(PodError, match=named):
            volume(**source)

    def test_an_entry_that_is_not_there_is_named(self, objects, volume):
        objects.secret("keys", {"token": "x"})
        with pytest.raises(PodError, match="Secret keys has no entry tokn"):
            volume(secret={"secretName": "keys", "items": [{"key": "tokn", "path": "t"}]})

    def test_what_is_optional_may_be_missing(self, objects, volume):
        objects.config_map("settings", {})
        items = [{"key": "a", "path": "a"}]
        assert volume(secret={"secretName": "gone", "optional": True}).files == {}
        assert volume(configMap={"name": "settings", "items": items, "optional": True}).files == {}
