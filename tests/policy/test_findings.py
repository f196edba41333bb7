import pytest

from policy.findings import LONGEST, Finding, plain, show
from tests.policy.views import proxied


class TestShow:
    @pytest.mark.parametrize(
        "value,shown",
        [
            (90.0, "90"),
            (0.5, "0.5"),
            ("STRICT", '"STRICT"'),
            (None, "null"),
            ({"a": [1.0, True]}, '{"a": [1, true]}'),
            ("µ", '"µ"'),
        ],
    )
    def test_writes_a_value_as_a_person_would(self, value, shown):
        assert show(value) == shown

    def test_reads_the_engines_own_containers(self):
        assert show(proxied({"a": [1, {"b": "c"}]})) == '{"a": [1, {"b": "c"}]}'

    def test_shortens_what_is_long(self):
        assert len(show("x" * 1000)) == LONGEST + len("...")

    @pytest.mark.parametrize("url", ["https://bot:hunter2@x/y", "https://hunter2@x/y"])
    def test_leaves_credentials_out(self, url):
        assert show(url) == '"https://***@x/y"'


def test_whole_numbers_become_integers():
    assert repr(plain([1.0, 1.5])) == "[1, 1.5]"


def test_a_finding_says_where():
    assert str(Finding("urn", "spec.x", "is wrong")) == "spec.x: is wrong"
    assert str(Finding("urn", "", "is wrong")) == "is wrong"
