import json

import pytest

from tests.anomaly.commands.conftest import PLACES, START, STEP


def at(place):
    return START + place * STEP


class TestExplain:
    def test_says_what_was_expected_who_spoke_since_when_and_how_often_before(self, cli, labelled):
        code, out, _ = cli("explain", "cart", labelled)
        assert code == 0
        lines = {line.split()[0]: line for line in out.splitlines() if line.strip()}
        assert lines["alert"].startswith("alert since 2026-01-06T")
        assert "400" in lines["value"]
        assert "normal" in lines["expected"]
        assert "above" in lines["deviation"]
        assert lines["views"].split()[1:]
        assert "alerts in the history read" in lines["before"]

    def test_at_another_time_another_alert(self, cli, labelled):
        _, out, _ = cli("explain", "cart", labelled, "--at", at(PLACES[0] + 3), "-o", "json")
        document = json.loads(out)
        assert document["alert"]["since"].startswith("2026-01-04T03:")
        assert document["moment"]["value"] == 400
        assert document["moment"]["lower"] < document["moment"]["expected"]
        assert document["moment"]["expected"] < document["moment"]["upper"]
        assert max(document["moment"]["views"].values()) > 1

    def test_where_there_was_none_it_says_so(self, cli, labelled):
        code, out, _ = cli("explain", "cart", labelled, "--at", at(1100), "-o", "json")
        assert code == 0
        assert json.loads(out)["alert"] is None

    def test_a_series_goes_by_some_of_its_labels(self, cli, tmp_path):
        rows = "".join(
            f'"latency{{service=""{name}"",zone=""a""}}",{START + place * 60},1\n'
            for name in ("cart", "web")
            for place in range(50)
        )
        (tmp_path / "two.csv").write_text(f"series,timestamp,value\n{rows}")
        code, out, _ = cli("explain", 'latency{service="web"}', "two.csv")
        assert code == 0
        assert out.startswith('latency{service="web",zone="a"}\n')
        code, _, err = cli("explain", '{zone="a"}', "two.csv")
        assert code == 2
        assert "is not one series" in err
        assert 'latency{service="cart",zone="a"}' in err

    def test_it_can_be_drawn(self, cli, labelled, tmp_path):
        cli("explain", "cart", labelled, "--plot", tmp_path / "cart.svg")
        assert ">cart<" in (tmp_path / "cart.svg").read_text()


class TestMistakes:
    def test_a_series_that_is_not_there(self, cli, labelled):
        code, _, err = cli("explain", "gone", labelled)
        assert code == 2
        assert "there is no series gone" in err

    def test_a_time_outside_of_the_history(self, cli, labelled):
        code, _, err = cli("explain", "cart", labelled, "--at", "2025-01-01T00:00:00Z")
        assert code == 2
        assert "2025-01-01T00:00:00Z is not between 2026-01-01T00:00:00Z and" in err

    def test_a_time_that_is_none(self, cli, labelled, capsys):
        with pytest.raises(SystemExit):
            cli("explain", "cart", labelled, "--at", "noon")
        assert "'noon' is not a time; write 2026-01-31T12:00:00Z" in capsys.readouterr().err

    def test_a_series_without_values(self, cli, tmp_path):
        (tmp_path / "empty.csv").write_text("timestamp,cart\n0,\n60,\n")
        code, _, err = cli("explain", "cart", "empty.csv")
        assert code == 2
        assert "cart has no values in this time" in err
