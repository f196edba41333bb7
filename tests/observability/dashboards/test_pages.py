"""The page of the boards, and their pictures."""

import re

from observability.dashboards.pages import PAGE, tables
from settings.manual import fill
from tests.docs.pages import ROOT
from tests.monitoring.panels import panels
from tests.observability.dashboards.conftest import BOARDS


def test_the_committed_page_is_that_of_the_boards():
    committed = PAGE.read_text(encoding="utf-8")
    assert committed == fill(committed, tables()), "run `make docs`"
    assert all(table in committed for table in tables().values())


def test_every_board_has_a_picture_of_all_its_panels():
    for name, board in BOARDS.items():
        picture = (ROOT / "docs" / "images" / f"board-{name}.svg").read_text(encoding="utf-8")
        drawn = set(re.findall(r'font-weight="600">([^<]+)</text>', picture))
        titles = {
            panel["title"].replace("$service", "booking-service").replace("&", "&amp;")
            for panel in panels(board)
        }
        assert titles <= drawn, "run `python -m tests.monitoring.previews`"
        assert f"images/board-{name}.svg" in PAGE.read_text(encoding="utf-8")
