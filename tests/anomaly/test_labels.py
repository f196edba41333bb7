import pytest

from anomaly.labels import identity, service, written


class TestService:
    @pytest.mark.parametrize(
        "labels,name",
        [
            ({"namespace": "shop", "service": "api"}, "shop/api"),
            ({"exported_namespace": "shop", "namespace": "monitoring", "app": "api"}, "shop/api"),
            ({"destination_service_namespace": "a", "destination_service_name": "b"}, "a/b"),
            ({"service": "api"}, "api"),
            ({"zone": "b", "device": "sda"}, "device=sda,zone=b"),
            ({}, "all"),
        ],
    )
    def test_follows_from_the_labels(self, labels, name):
        assert service(labels) == name

    def test_is_named_by_the_labels_that_the_signal_says(self):
        labels = {"team": "a", "unit": "b", "service": "c"}
        assert service(labels, ("team", "unit")) == "a/b"
        assert service(labels, ("team", "gone")) == "c"


class TestIdentity:
    def test_leaves_out_what_changes_with_a_rollout(self):
        assert identity({"pod": "a", "instance": "b", "__name__": "c", "d": "e"}) == (("d", "e"),)


def test_labels_are_written_in_order():
    assert written({"b": "2", "a": "1"}) == "a=1,b=2"
