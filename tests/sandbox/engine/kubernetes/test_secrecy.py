"""What was secret or unknown in the inputs is so in what was computed from them."""

from sandbox.engine.kubernetes.secrecy import mark_secrets, mark_unknowns
from sandbox.engine.kubernetes.wire import UNKNOWN, Secret


def marked(outputs, inputs):
    mark_secrets(outputs, inputs)
    return outputs


class TestSecrets:
    def test_a_value_becomes_secret_where_the_input_was(self):
        outputs = {"spec": {"token": "t", "name": "n"}}
        assert marked(outputs, {"spec": {"token": Secret("t"), "name": "n"}}) == {
            "spec": {"token": Secret("t"), "name": "n"}
        }

    def test_a_list_is_secret_as_a_whole(self):
        assert marked({"args": ["a", "b"]}, {"args": ["a", Secret("b")]}) == {
            "args": Secret(["a", "b"])
        }

    def test_a_secret_map_is_secret_as_a_whole(self):
        assert marked({"data": {"a": "b"}}, {"data": Secret({"a": "b"})}) == {
            "data": Secret({"a": "b"})
        }

    def test_nothing_is_marked_twice(self):
        assert marked({"a": Secret("b")}, {"a": Secret("b")}) == {"a": Secret("b")}

    def test_fields_that_are_gone_are_no_matter(self):
        assert marked({}, {"a": Secret("b")}) == {}

    def test_data_of_a_kubernetes_secret_is_secret_whatever_the_program_says(self):
        outputs = {"kind": "Secret", "data": {"a": "b"}, "stringData": {"c": "d"}}
        assert marked(outputs, {}) == {
            "kind": "Secret",
            "data": Secret({"a": "b"}),
            "stringData": Secret({"c": "d"}),
        }


def test_unknowns_are_copied_into_maps_lists_and_secrets():
    outputs = {"a": {"b": ""}, "c": ["", "kept"], "d": "", "e": "kept"}
    mark_unknowns(
        outputs, {"a": {"b": UNKNOWN}, "c": [UNKNOWN], "d": Secret(UNKNOWN), "f": UNKNOWN}
    )
    assert outputs == {"a": {"b": UNKNOWN}, "c": [UNKNOWN, "kept"], "d": UNKNOWN, "e": "kept"}
