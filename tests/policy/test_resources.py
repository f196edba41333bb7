"""Fields: paths, values, and what happens to those that are unknown or of a wrong type."""

import pytest
from pulumi_policy.proxy import UNKNOWN_NUMBER_VALUE, UNKNOWN_STRING_VALUE

from tests.policy.views import stack_view, view
from vocabulary.kinds import CRON_JOB, NAMESPACE, SECRET

OBJECT = {
    "apiVersion": "example.com/v1",
    "kind": "Thing",
    "metadata": {"name": "a", "namespace": "b", "labels": {"example.com/x": "y"}},
    "spec": {
        "text": "words",
        "number": 3,
        "flag": True,
        "list": [{"name": "first"}, {"name": UNKNOWN_STRING_VALUE}],
        "soon": UNKNOWN_NUMBER_VALUE,
        "nothing": None,
        "empty": [],
    },
}


@pytest.fixture
def thing():
    return view(OBJECT)


@pytest.fixture
def spec(thing):
    return thing["spec"]


class TestPaths:
    def test_are_written_as_people_read_them(self, thing):
        assert thing["spec"]["list"][1]["name"].path == "spec.list[1].name"
        key = thing["metadata"]["labels"]["example.com/x"]
        assert key.path == 'metadata.labels["example.com/x"]'

    def test_go_on_where_there_is_nothing(self, spec):
        place = spec["no"]["such"][7]["place"]
        assert (place.path, place.missing) == ("spec.no.such[7].place", True)


class TestValues:
    def test_are_read_by_type(self, spec):
        assert spec["text"].text() == "words"
        assert spec["number"].number() == 3
        assert spec["flag"].flag() is True
        assert [item.path for item in spec["list"].items()] == ["spec.list[0]", "spec.list[1]"]
        assert {key for key, _ in spec.entries()} == set(OBJECT["spec"])

    def test_null_and_absent_are_nothing(self, spec):
        for name in ("nothing", "absent"):
            assert spec[name].missing
            assert spec[name].empty
            assert spec[name].text() is None
            assert spec[name].items() == []
        assert spec["empty"].empty
        assert not spec["empty"].missing

    def test_are_shown_as_they_were_written(self, spec):
        shown = [str(spec[name]) for name in ("text", "number", "flag", "absent", "soon")]
        assert shown == ['"words"', "3", "true", "nothing", "an unknown value"]

    @pytest.mark.parametrize(
        "name,read,expected",
        [
            ("number", "text", "3 is not a string; write a string"),
            ("text", "number", '"words" is not a number; write a number'),
            ("flag", "number", "true is not a number; write a number"),
            ("text", "items", '"words" is not a list; write a list'),
            ("list", "flag", "is not true or false"),
        ],
    )
    def test_of_a_wrong_type_are_findings(self, thing, name, read, expected):
        assert not getattr(thing["spec"][name], read)()
        (finding,) = thing.notes.malformed.values()
        assert finding.path == f"spec.{name}"
        assert expected in finding.message

    def test_a_string_where_an_object_belongs_is_a_finding(self, thing):
        assert thing["spec"]["text"]["deeper"].missing
        assert list(thing.notes.malformed) == ["spec.text"]


class TestUnknowns:
    def test_reading_one_takes_a_note(self, thing):
        assert thing["spec"]["soon"].number() is None
        assert "soon" in thing.notes.unknown.message

    def test_looking_past_one_takes_none(self, thing):
        assert thing["spec"]["text"].text() == "words"
        assert not thing["spec"]["soon"].missing
        assert thing.notes.unknown is None

    def test_descending_into_one_takes_a_note(self, thing):
        assert not thing["spec"]["soon"]["deeper"].missing
        assert thing.notes.unknown

    def test_asking_whether_it_is_absent_takes_a_note(self, thing):
        assert not thing["spec"]["soon"].absent
        assert thing.notes.unknown

    def test_others_in_a_list_are_still_read(self, thing):
        names = [item["name"].text() for item in thing["spec"]["list"].items()]
        assert names == ["first", None]
        assert thing.notes.unknown

    def test_are_shown_inside_what_is_known(self, thing):
        assert str(thing["spec"]["list"]) == '[{"name": "first"}, {"name": "(unknown)"}]'


class TestResource:
    def test_knows_what_and_where_it_is(self, thing):
        assert (thing.api_version, thing.kind) == ("example.com/v1", "Thing")
        assert (thing.namespace, thing.object_name) == ("b", "a")
        assert (thing.reference, thing.stack) == ("Thing/b/a", "prod")

    def test_without_a_namespace(self):
        namespace = view({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "b"}})
        assert namespace.reference == "Namespace/b"
        assert namespace.is_a(NAMESPACE)
        assert not namespace.is_a(SECRET)

    def test_is_a_kind_in_whatever_version(self):
        assert view({"apiVersion": "batch/v1beta1", "kind": "CronJob"}).is_a(CRON_JOB)
        assert not view({"apiVersion": "example.com/v1", "kind": "CronJob"}).is_a(CRON_JOB)


def test_a_stack_is_unclear_about_kinds_with_unknowns():
    stack = stack_view([OBJECT, {"apiVersion": "v1", "kind": "Namespace"}])
    kind = CRON_JOB._replace(api_version="example.com/v1", kind="Thing")
    assert not stack.unclear(kind)
    stack.resources[0]["spec"]["soon"].number()
    assert stack.unclear(kind)
    assert not stack.unclear(NAMESPACE)
