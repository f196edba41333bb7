from datetime import timedelta

from vocabulary.timing.retries import longest_request

SECOND = timedelta(seconds=1)


class TestLongestRequest:
    def test_is_one_try_without_retries(self):
        assert longest_request(0, 2 * SECOND, SECOND) == 2 * SECOND

    def test_counts_every_try_and_the_growing_pauses(self):
        assert longest_request(3, 2 * SECOND, SECOND) == (8 + 1 + 3 + 7) * SECOND

    def test_caps_a_pause_at_ten_bases(self):
        assert longest_request(5, SECOND, SECOND) == (6 + 1 + 3 + 7 + 10 + 10) * SECOND
