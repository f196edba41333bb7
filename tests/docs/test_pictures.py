"""Pictures in the pages are what the commands beside them draw."""

from anomaly.cli import main
from tests.docs.pages import ROOT

EXAMPLES = ROOT / "docs" / "detector" / "examples"


def test_the_detector_draws_the_picture_of_its_page(tmp_path):
    drawn = tmp_path / "checkout.svg"
    assert main(["explain", "checkout", str(EXAMPLES / "checkout.csv"), "--plot", str(drawn)]) == 0
    assert drawn.read_text() == (EXAMPLES / "checkout.svg").read_text(), "run: make docs"
