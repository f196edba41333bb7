"""Sets that had no say judge what the others chose."""

from bench.quality.choice import left_out


def test_what_one_set_alone_likes_is_not_chosen_for_it():
    """The others would have kept what is shipped, so nothing is gained."""
    table = {"shipped": {"a": 0.5, "b": 0.6, "c": 0.6}, "new": {"a": 0.9, "b": 0.5, "c": 0.55}}
    first, *others = left_out(table)
    assert (first.chosen, first.figure, first.shipped) == ("shipped", 0.5, 0.5)
    assert [(each.chosen, each.figure) for each in others] == [("new", 0.5), ("new", 0.55)]


def test_what_is_better_everywhere_is_chosen_everywhere():
    table = {"shipped": {"a": 0.5, "b": 0.6}, "new": {"a": 0.6, "b": 0.7}}
    assert [each.chosen for each in left_out(table)] == ["new", "new"]


def test_of_equals_the_shipped_stays():
    table = {"shipped": {"a": 0.5, "b": 0.6}, "new": {"a": 0.5, "b": 0.6}}
    assert [each.chosen for each in left_out(table)] == ["shipped", "shipped"]
