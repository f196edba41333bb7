import json

import pytest

from anomaly.errors import DataError
from anomaly.offline.faults import read_faults

DELAY = {
    "name": "delay-1",
    "type": "network-delay",
    "start": "2026-01-05T10:00:00Z",
    "end": "2026-01-05T10:10:00Z",
    "labels": {"service": "cart"},
}


@pytest.fixture
def listed(tmp_path):
    def write(document):
        path = tmp_path / "faults.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return read_faults(path)

    return write


class TestFaults:
    def test_are_read(self, listed):
        (fault,) = listed([DELAY])
        assert fault.span == (1_767_607_200, 1_767_607_800)
        assert fault.hits({"service": "cart", "namespace": "shop"})
        assert not fault.hits({"service": "web"})

    def test_times_may_be_epoch_seconds(self, listed):
        (fault,) = listed([DELAY | {"start": 1_767_607_200, "end": 1_767_607_800.5}])
        assert fault.span == (1_767_607_200, 1_767_607_800.5)

    @pytest.mark.parametrize(
        "document,what",
        [
            ("{", "faults.json is not JSON"),
            ([], "lists no faults"),
            ({}, "list: Input should be a valid tuple"),
            ([DELAY, {"name": "x"}], r"\[1\].start: Field required"),
            ([DELAY | {"end": "2025-01-01T00:00:00Z"}], r"\[0\]: .*end lies before start"),
            ([DELAY | {"target": "cart"}], r"\[0\].target: Extra inputs"),
        ],
    )
    def test_mistakes_are_told_with_their_place(self, listed, document, what):
        with pytest.raises(DataError, match=what):
            listed(document)

    def test_a_file_that_is_not_there_is_named(self, tmp_path):
        with pytest.raises(DataError, match=r"cannot read .*gone.json: No such file"):
            read_faults(tmp_path / "gone.json")
