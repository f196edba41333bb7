"""What every board and every panel must be like, whatever it shows."""

import json
from itertools import combinations

import pytest

from observability.dashboards.stack import boards
from tests.monitoring.panels import BUILT_IN, VARIABLE, panels, queries
from tests.observability.dashboards.conftest import BOARDS, STACK
from vocabulary.boards import uid

GRID = 24
PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, document in BOARDS.items()
    for panel in panels(document)
    if panel["type"] != "row"
]
UNITS = {"short", "percentunit", "s", "ms", "reqps", "opm", "dateTimeAsIso"}
each_panel = pytest.mark.parametrize("panel", PANELS)


class TestBoards:
    def test_are_four_with_identities_of_the_stack(self):
        known = {name: document["uid"] for name, document in BOARDS.items()}
        assert known == {
            "gitops": "brisa-production-gitops",
            "mesh": "brisa-production-mesh",
            "anomaly": "brisa-production-anomaly",
            "chaos": "brisa-production-chaos",
        }
        assert all(uid(name, "production") == identity for name, identity in known.items())

    def test_are_the_same_bytes_every_time(self):
        assert boards(STACK) == boards(STACK)

    def test_say_what_they_are(self, board):
        assert board["title"].endswith(" · production")
        assert board["description"].endswith(".")
        assert {"brisa", "brisa-production"} == set(board["tags"])

    def test_look_back_from_now_and_refresh_by_themselves(self, board):
        assert board["time"]["to"] == "now"
        assert board["time"]["from"].startswith("now-")
        assert board["refresh"]
        assert board["editable"] is False

    def test_mark_experiments_and_revisions(self, board):
        marks = {each["name"]: each for each in board["annotations"]["list"]}
        assert marks.keys() == {"Experiments", "Revisions"}
        for each in marks.values():
            assert each["enable"]
            assert each["datasource"]["uid"] == "${datasource}"

    def test_link_to_one_another(self, board):
        (link,) = board["links"]
        assert link["type"] == "dashboards"
        assert link["tags"] == ["brisa-production"]

    def test_number_every_panel_once(self, board):
        numbers = [panel["id"] for panel in panels(board)]
        assert len(numbers) == len(set(numbers))

    def test_number_panels_after_their_row(self, board):
        row = 0
        for panel in panels(board):
            if panel["type"] == "row":
                row = panel["id"]
            assert panel["id"] // 100 == row // 100

    def test_let_no_panels_overlap(self, board):
        places = [(panel["title"], panel["gridPos"]) for panel in panels(board)]
        for (_, one), (_, other) in combinations(places, 2):
            apart = (
                one["x"] + one["w"] <= other["x"]
                or other["x"] + other["w"] <= one["x"]
                or one["y"] + one["h"] <= other["y"]
                or other["y"] + other["h"] <= one["y"]
            )
            assert apart, (one, other)

    def test_keep_all_panels_on_the_grid(self, board):
        for panel in panels(board):
            place = panel["gridPos"]
            assert place["w"] > 0
            assert place["x"] + place["w"] <= GRID

    def test_use_every_variable_that_they_have_and_no_other(self, board):
        declared = {variable["name"] for variable in board["templating"]["list"]}
        used = set(VARIABLE.findall(json.dumps(board["panels"] + board["annotations"]["list"])))
        used |= {panel["repeat"] for panel in panels(board) if panel.get("repeat")}
        assert used - set(BUILT_IN) - {"1"} == declared

    def test_let_the_data_source_be_chosen_first(self, board):
        first = board["templating"]["list"][0]
        assert (first["name"], first["type"], first["query"]) == (
            "datasource",
            "datasource",
            "prometheus",
        )

    def test_offer_every_value_and_all_of_them(self, board):
        for variable in board["templating"]["list"][1:]:
            assert variable["label"]
            assert variable["description"]
            assert variable["multi"]
            assert variable["includeAll"]
            assert variable["current"]["value"] == ["$__all"]
            options = [option["value"] for option in variable["options"]]
            assert ",".join(options) == variable["query"]

    def test_fold_rows_that_are_repeated(self, board):
        for panel in board["panels"]:
            if panel.get("repeat"):
                assert panel["collapsed"]
                assert panel["panels"]


@each_panel
class TestPanels:
    def test_have_a_title_and_a_description(self, panel):
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["description"] != panel["title"]

    def test_have_a_unit(self, panel):
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS

    def test_ask_the_chosen_data_source(self, panel):
        sources = [panel["datasource"], *(each["datasource"] for each in panel.get("targets", ()))]
        assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)

    def test_call_their_lines_by_name(self, panel):
        if panel["type"] in ("timeseries", "state-timeline", "bargauge"):
            names = [target["legendFormat"] for target in panel["targets"]]
            assert all(names)
            assert len(names) == len(set(names))

    def test_ask_once_for_what_is_now_and_over_time_for_lines(self, panel):
        over_time = panel["type"] in ("timeseries", "state-timeline")
        for target in panel.get("targets", ()):
            assert target["range"] is over_time
            assert target["instant"] is not over_time

    def test_say_something_when_there_is_nothing(self, panel):
        if panel["type"] == "stat":
            assert panel["fieldConfig"]["defaults"]["noValue"]

    def test_hold_words_or_queries(self, panel):
        assert panel["options"]["content"] if panel["type"] == "text" else panel["targets"]

    def test_override_only_what_is_there(self, panel):
        shown = {target.get("legendFormat") for target in panel.get("targets", ())}
        for each in panel.get("transformations", ()):
            if each["id"] == "organize":
                shown |= set(each["options"]["renameByName"].values())
        overridden = {each["matcher"]["options"] for each in panel["fieldConfig"]["overrides"]}
        assert overridden <= shown


def test_every_board_has_a_panel_with_queries():
    assert all(len(list(queries(name, document))) > 10 for name, document in BOARDS.items())
