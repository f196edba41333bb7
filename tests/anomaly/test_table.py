import math

import pytest

from anomaly import texts as tables
from anomaly.texts import table


class TestTable:
    def test_words_stand_left_and_numbers_right(self):
        text = table(("NAME", "ALERTS", "SHARE"), [("cart", "7", "1.5%"), ("a", "100", "-")])
        assert text == ("NAME  ALERTS  SHARE\ncart       7   1.5%\na        100      -")

    def test_a_column_of_unknown_figures_stands_left(self):
        assert table(("F1", "X"), [("-", "-")]).splitlines()[1] == "-   -"

    def test_times_stand_left(self):
        text = table(("TIME", "N"), [("2026-01-05T10:00:00Z", "1")])
        assert text.startswith("TIME     ")

    def test_lines_have_no_blanks_at_their_end(self):
        text = table(("A", "LONG NAME"), [("x", ""), ("y", "z")])
        assert all(line == line.rstrip() for line in text.splitlines())

    @pytest.mark.parametrize(
        "write,value,text",
        [
            (tables.share, 0.456, "0.46"),
            (tables.percent, 0.0123, "1.2%"),
            (tables.amount, 123456.0, "1.235e+05"),
            (tables.amount, 12.5, "12.5"),
        ],
    )
    def test_figures_are_short(self, write, value, text):
        assert write(value) == text

    def test_bounds_go_from_one_to_the_other(self):
        assert tables.bounds(80.0, 120.5) == "80..120.5"
        assert tables.bounds(math.nan, math.nan) == "-"

    @pytest.mark.parametrize("write", [tables.share, tables.percent, tables.amount])
    def test_what_nobody_knows_is_a_dash(self, write):
        assert write(math.nan) == write(math.inf) == "-"
