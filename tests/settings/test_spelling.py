"""Numbers that YAML reads as others than they look."""

import pytest

from settings.spelling import check_numbers


def problems(folder, port):
    file = folder / "Pulumi.staging.yaml"
    file.write_text(f"config:\n  brisa-platform:services:\n    - name: web\n      port: {port}\n")
    return [(problem.key, problem.what) for problem in check_numbers(file)]


@pytest.mark.parametrize(
    "written, read", [("010", 8), ("0x50", 80), ("0b11", 3), ("8_080", 8080), ("1:30", 90)]
)
def test_what_is_written_in_another_base_or_in_pieces_is_told(tmp_path, written, read):
    ((key, what),) = problems(tmp_path, written)
    assert key == "brisa-platform:services[0].port"
    assert what == f"is written {written}, which YAML reads as {read}"


@pytest.mark.parametrize(
    "written", ["8080", "0", '"010"', "8080.0", "080", "-1", '"1e3"', "1.31.1", "a1e3"]
)
def test_what_looks_like_what_it_is_is_left_alone(tmp_path, written):
    assert problems(tmp_path, written) == []


@pytest.mark.parametrize("written", ["1e3", "8.0E1", "12e4567", "0o17"])
def test_what_only_the_engine_reads_as_a_number_is_told(tmp_path, written):
    ((_, what),) = problems(tmp_path, written)
    assert what == f"is written {written}, which is read as a number in another spelling"


def test_others_areas_are_their_own(tmp_path):
    file = tmp_path / "Pulumi.staging.yaml"
    file.write_text("config:\n  aws:account: 010\n")
    assert [*check_numbers(file)] == []


def test_a_file_that_is_not_there_is_the_engines_concern(tmp_path):
    assert [*check_numbers(tmp_path / "Pulumi.x.yaml")] == []
