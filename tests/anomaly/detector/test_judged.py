import numpy as np

from anomaly.detector.arrays import Judged, joined


def judged(*scores):
    block = np.array(scores)[:, None]
    return Judged(
        block, block > 1, block > 2, block + 1, block - 1, block + 2, {"level": block * 2}
    )


class TestJoined:
    def test_portions_follow_each_other(self):
        whole, parts = judged(0.5, 2.0, 3.0), [judged(0.5), judged(2.0, 3.0)]
        for name in ("score", "alerting", "another", "expected", "lower", "upper"):
            assert np.array_equal(getattr(joined(parts), name), getattr(whole, name)), name
        assert np.array_equal(joined(parts).views["level"], whole.views["level"])

    def test_one_portion_is_itself(self):
        only = judged(1.0)
        assert joined([only]) is only
