"""What is allowed, but said aloud."""

import pytest

from settings.catalogue import Service
from settings.remarks import remarks


def service(name, *callers, **route):
    entry = {"name": name, "namespace": "shop", "port": 80, "callers": callers, "route": route}
    return Service.model_validate(entry)


def circles(*services):
    return [text.partition(" call ")[0] for text in remarks(services) if "circle" in text]


class TestTimeouts:
    def test_a_default_that_ends_streams_is_told_once_for_all_services(self):
        (text,) = remarks([service("web"), service("api"), service("chat", timeout=None)])
        assert text.startswith("Requests to web, api end after 10s, streams and long polls too")
        assert "null sets no limit" in text

    @pytest.mark.parametrize("timeout", ["10s", "1h", None])
    def test_nothing_is_told_of_what_was_declared(self, timeout):
        assert list(remarks([service("web", timeout=timeout)])) == []


class TestBreakers:
    def test_a_service_of_one_pod_has_none(self):
        entry = {"name": "web", "namespace": "shop", "port": 80, "route": {"timeout": "1s"}}
        (text,) = remarks([Service.model_validate(entry | {"replicas": 1})])
        assert text.startswith("web run one pod each: no circuit breaker can help")


def test_a_way_past_mutual_tls_is_told_at_every_preview():
    plain = {"reason": "old tills", "until": "2027-01-31", "sources": ["10.9.0.0/16"]}
    entry = {"name": "tills", "namespace": "shop", "port": 80, "route": {"timeout": "1s"}}
    (text,) = remarks([Service.model_validate(entry | {"plainText": plain})])
    assert text == "tills takes plain text until 2027-01-31, from 10.9.0.0/16: old tills"


class TestCircles:
    def test_callers_in_a_circle_are_told_in_the_order_of_calls(self):
        found = circles(service("a", "c"), service("b", "a"), service("c", "b"))
        assert found == ["a -> b -> c -> a"]

    def test_two_that_call_each_other_are_a_circle(self):
        assert circles(service("a", "b"), service("b", "a")) == ["a -> b -> a"]

    def test_each_circle_is_told_once(self):
        found = circles(
            service("a", "b"), service("b", "a"), service("c", "d", "a"), service("d", "c")
        )
        assert found == ["a -> b -> a", "c -> d -> c"]

    def test_ways_that_only_meet_are_none(self):
        found = circles(
            service("web", "ingress"),
            service("a", "web"),
            service("b", "web"),
            service("c", "a", "b"),
        )
        assert found == []
