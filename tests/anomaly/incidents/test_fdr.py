import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.config.alerting import FalseDiscovery
from anomaly.incidents.fdr import GENERATION, KEPT, Memory, Tail, decide

CONTROL = FalseDiscovery(rate=0.1, half_life_seconds=3600.0)
NOTHING = np.array([])


def tail(*scores):
    return Tail.empty(1).extended(np.array([scores], dtype=float))


class TestTail:
    def test_a_score_is_as_likely_as_the_share_that_reached_it(self):
        past = tail(*range(1, 100))
        assert past.probability(0, NOTHING, 98.0) == pytest.approx(3 / 100)

    def test_ties_count_against_it(self):
        past = tail(*[0.1] * 90, *[1.5] * 9)
        assert past.probability(0, NOTHING, 1.5) == pytest.approx(10 / 100)

    def test_nothing_is_impossible(self):
        past = tail(*np.linspace(0.1, 0.9, 99))
        assert 0 < past.probability(0, NOTHING, 1e6) < 1e-9

    def test_what_was_never_seen_is_rarer_than_what_was(self):
        past = tail(*np.linspace(0.1, 0.9, 99))
        likely = [past.probability(0, NOTHING, score) for score in (0.8, 0.9, 1.2, 2.4)]
        assert likely == sorted(likely, reverse=True)
        assert len(set(likely)) == 4

    def test_heavy_tails_make_it_less_rare(self):
        random = np.random.default_rng(1)
        light, heavy = tail(*random.random(2000)), tail(*(random.pareto(1.0, 2000) + 1))
        far = [past.recent.max() * 3 for past in (light, heavy)]
        assert light.probability(0, NOTHING, far[0]) < heavy.probability(0, NOTHING, far[1]) / 100

    def test_a_series_without_a_past_says_nothing(self):
        assert Tail.empty(1).probability(0, NOTHING, 9.0) == 1.0

    def test_scores_since_count_as_past(self):
        assert tail(0.5, 0.5).probability(0, np.array([np.nan, 3.0, 0.1]), 2.0) == 2 / 5

    def test_a_series_of_zeros_is_counted_and_fits_no_tail(self):
        assert tail(*[0.0] * 99).probability(0, NOTHING, 2.0) == pytest.approx(1 / 100)

    def test_portions_of_any_size_make_the_same_tail(self):
        """So a backtest says what runs would have said."""
        scores = np.random.default_rng(1).exponential(0.3, 3 * GENERATION)
        whole = tail(*scores)
        parts = Tail.empty(1)
        for part in np.array_split(scores, 997):
            parts = parts.extended(part[None])
        assert np.array_equal(np.sort(parts.recent), np.sort(whole.recent))
        assert np.array_equal(np.sort(parts.previous), np.sort(whole.previous))
        early = tail(*scores[:100])
        later = early.probability(0, scores[100:5000], 2.0)
        assert later == tail(*scores[:5000]).probability(0, NOTHING, 2.0)

    def test_the_oldest_generation_is_forgotten(self):
        past = tail(*[5.0] * 10)
        for _ in range(2):
            past = past.extended(np.full((1, GENERATION), 0.1))
            past = past.extended(np.full((1, 1), 0.1))
        assert past.probability(0, NOTHING, 5.0) < 1e-3
        assert past.recent_count[0] + past.previous_count[0] <= 2 * GENERATION + 10

    @given(st.lists(st.floats(0, 10), min_size=1, max_size=200), st.integers(0, 200))
    def test_does_not_depend_on_how_the_past_came_in(self, scores, cut):
        whole = tail(*scores)
        parts = tail(*scores[:cut]).extended(np.array([scores[cut:]], dtype=float))
        assert np.array_equal(np.sort(whole.recent), np.sort(parts.recent))
        assert whole.recent_count.tolist() == parts.recent_count.tolist()
        assert whole.recent.shape == (1, KEPT)


class TestDecision:
    def test_chance_finds_are_held_back(self):
        limit, _ = decide(Memory(0, 0.1), 300, [0.003, 0.01], 4000, CONTROL)
        assert limit < 0

    def test_what_chance_would_not_bring_is_let_through(self):
        limit, _ = decide(Memory(0, 0.1), 300, [1e-9, 0.003], 4000, CONTROL)
        assert limit == 1e-9

    def test_many_at_once_are_let_through_together(self):
        probabilities = [2e-4] * 200
        alone, _ = decide(Memory(0, 0.1), 300, probabilities[:1], 4000, CONTROL)
        together, _ = decide(Memory(0, 0.1), 300, probabilities, 4000, CONTROL)
        assert (alone, together) == (-1.0, 2e-4)

    def test_few_series_need_little_evidence(self):
        limit, _ = decide(Memory(0, 0.1), 300, [1e-3], 2, CONTROL)
        assert limit == 1e-3

    def test_a_budget_that_was_spent_comes_back_with_time(self):
        memory = Memory(0, 0.0)
        first, memory = decide(memory, 300, [2e-5], 4000, CONTROL)
        second, _ = decide(memory.faded(300, 3600), 300, [2e-5], 4000, CONTROL)
        later, _ = decide(Memory(300, 0.1), 300 + 20 * 3600, [2e-5], 4000, CONTROL)
        assert (first, later) == (2e-5, 2e-5)
        assert second == 2e-5  # the discovery earned what it cost

    def test_without_a_discovery_the_same_is_held_back_at_once(self):
        _, memory = decide(Memory(0, 0.0), 300, [], 4000, CONTROL)
        limit, _ = decide(memory, 600, [2e-5], 4000, CONTROL)
        assert limit < 0

    def test_a_tick_that_was_decided_has_nothing_left(self):
        limit, memory = decide(Memory(300, 0.1), 300, [1e-9], 4000, CONTROL)
        assert limit < 0
        assert memory == Memory(300, 0.1)

    def test_noise_is_let_through_no_more_often_than_was_asked_for(self):
        false = 0
        for seed in range(20):
            random, memory = np.random.default_rng(seed), Memory(-300, CONTROL.rate)
            for tick in range(0, 200 * 300, 300):
                noise = random.random(1000)
                rare = noise[noise < 0.01].tolist()
                limit, memory = decide(memory, tick, rare, 1000, CONTROL)
                false += int(np.count_nonzero(noise <= limit))
        ticks_of_memory = 3600 / 300 / np.log(2)
        asked_for = 20 * 200 / ticks_of_memory * CONTROL.rate
        assert 0 < false < 1.5 * asked_for
