"""Generated catalogues."""

import pytest

from bench.program.catalogue import SERVICES, stack_of


@pytest.mark.parametrize("size", [10, 1000])
def test_a_catalogue_has_the_size_that_was_asked_for_and_no_name_twice(size):
    names = [each["name"] for each in stack_of(size)["config"][SERVICES]]

    assert len(names) == len(set(names)) == size


def test_the_prod_stacks_own_services_stay_in_front():
    assert stack_of(10)["config"][SERVICES][0]["name"] == "web"
