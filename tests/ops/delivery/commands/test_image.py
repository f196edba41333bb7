"""`image` changes the words of a stack file that name the detector's image, and no others."""

import difflib
import shutil

import pytest
import yaml

from ops.cli import main
from tests.program.stacks import ROOT

DIGEST = f"sha256:{'7c' * 32}"
IMAGE = {"repository": "registry.example:5000/team/detector", "tag": "1.1.0", "digest": DIGEST}
REFERENCE = f"registry.example:5000/team/detector:1.1.0@{DIGEST}"


@pytest.fixture
def folder(tmp_path):
    for each in ROOT.glob("Pulumi.*.yaml"):
        shutil.copy(each, tmp_path)
    return tmp_path


def write(folder, reference=REFERENCE, *flags, stacks=("staging", "prod")):
    named = [word for stack in stacks for word in ("--stack", stack)]
    return main(["image", reference, *named, "--cwd", str(folder), *flags])


def anomaly(path):
    return yaml.safe_load(path.read_text())["config"]["brisa-platform:anomaly"]


@pytest.mark.parametrize("stack", ["staging", "prod", "sandbox"])
def test_only_the_image_of_a_stack_changes(folder, stack):
    path = folder / f"Pulumi.{stack}.yaml"
    before = path.read_text()
    assert write(folder, stacks=[stack]) == 0
    assert anomaly(path)["image"] == IMAGE
    changed = [
        line[1:].split("#")[0].strip()
        for line in difflib.ndiff(before.splitlines(), path.read_text().splitlines())
        if line.startswith("-") and line[1:].split("#")[0].strip()
    ]
    assert changed == ["image:", f"digest: sha256:{'0' * 64}"]


def test_the_same_again_changes_nothing(folder):
    write(folder)
    before = (folder / "Pulumi.prod.yaml").read_text()
    write(folder)
    assert (folder / "Pulumi.prod.yaml").read_text() == before


def test_a_detector_that_was_left_out_is_run(folder):
    path = folder / "Pulumi.shop.yaml"
    path.write_text(
        "config:\n  brisa-platform:anomaly: {install: false, prometheusUrl: 'http://p'}\n"
    )
    assert write(folder, stacks=["shop"]) == 0
    assert anomaly(path) == {"image": IMAGE, "prometheusUrl": "http://p"}


@pytest.mark.parametrize("reference", [
    "detector", "detector:1.0", f"detector@sha256:{'0' * 64}", f"a b@{DIGEST}", "x@sha256:12",
])  # fmt: skip
def test_what_nobody_built_is_refused(folder, reference, capsys):
    assert write(folder, reference) == 2
    assert "no image that was built" in capsys.readouterr().err


def test_all_or_nothing_is_written(folder, capsys):
    assert write(folder, stacks=["prod", "moon"]) == 2
    assert "Pulumi.moon.yaml cannot be read" in capsys.readouterr().err
    assert anomaly(folder / "Pulumi.prod.yaml")["image"]["digest"].strip("sha256:0") == ""


def test_a_dry_run_says_what_it_would_write(folder, capsys):
    assert write(folder, REFERENCE, "--dry-run") == 0
    assert DIGEST in capsys.readouterr().err
    assert "repository" not in anomaly(folder / "Pulumi.prod.yaml")["image"]


def test_a_file_that_names_no_image_is_told(folder, capsys):
    (folder / "Pulumi.shop.yaml").write_text("config: {}\n")
    assert write(folder, stacks=["shop"]) == 2
    assert "neither anomaly.image nor anomaly.install" in capsys.readouterr().err
