import numpy as np
import pytest

from anomaly.pipeline.fetch import Fetch, Stopwatch
from anomaly.prometheus.blocks import Block
from anomaly.prometheus.readings import Readings

STEP = 300.0


class Blocks:
    """Three blocks of one series."""

    def read(self, first, last):
        for start in np.arange(first, last, 2 * STEP):
            times = start + STEP * np.arange(2)
            yield Block(times, ((("service", "s"),),), np.ones((1, 2)), None, degraded=False)


@pytest.mark.parametrize("keeps,blocks", [(True, 3), (False, 0)])
def test_blocks_are_kept_for_a_journal_and_not_where_there_is_none(keeps, blocks):
    with Readings() as readings:
        fetch = Fetch(
            Blocks(),
            readings,
            begin=0.0,
            newest=5 * STEP,
            settled=0.0,
            lasting=False,
            stopwatch=Stopwatch(),
            keeps=keeps,
        )
        fetch.run()
    assert (len(fetch.read), fetch.progress) == (blocks, "judged")
    assert readings.chunk(0).values.tolist() == [[1] * 6]
