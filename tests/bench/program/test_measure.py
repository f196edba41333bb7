"""How times are taken and compared."""

import subprocess

from bench.program.measure import Comparison, Cost, compare, cost, median


def test_both_are_warmed_up_and_then_take_turns_in_going_first():
    ran = []

    result = compare(lambda: ran.append("a"), lambda: ran.append("b"), rounds=3)

    assert "".join(ran) == "ab" + "ab" + "ba" + "ab"
    assert len(result.first) == len(result.second) == 3


def test_ratios_are_taken_pair_by_pair():
    result = Comparison((Cost(2, 6), Cost(9, 1)), (Cost(1, 3), Cost(3, 2)))

    assert result.ratios == [Cost(2, 2), Cost(3, 0.5)]
    assert median(result.ratios) == Cost(2.5, 1.25)


def test_processor_time_is_that_of_child_processes():
    busy = cost(
        lambda: subprocess.run(
            ["/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"], check=True
        )
    )
    idle = cost(lambda: sum(range(100)))

    assert busy.cpu > idle.cpu == 0
    assert busy.wall > 0
