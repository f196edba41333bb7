"""The copies of the checkout's files."""

import sys
from dataclasses import replace

import pytest
import yaml

from sandbox.engine.project import Overlay, Project
from sandbox.errors import UsageError


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "checkout", tmp_path / "copy")
    made.checkout.mkdir()
    made.folder.mkdir()
    return made


def write_stack_file(project, text):
    (project.checkout / "Pulumi.dev.yaml").write_text(text)
    project.write_stack_file("dev")
    return yaml.safe_load(project.stack_file("dev").read_text())


def write_project_file(project, text):
    (project.checkout / "Pulumi.yaml").write_text(text)
    project.write_project_file()
    return yaml.safe_load((project.folder / "Pulumi.yaml").read_text())


def test_the_program_and_its_python_are_found_from_elsewhere(project):
    copy = write_project_file(
        project,
        "name: demo\nruntime:\n  name: python\n  options: {toolchain: pip, virtualenv: .venv}\n",
    )

    assert copy == {
        "name": "demo",
        "main": str(project.checkout),
        "runtime": {"name": "python", "options": {"toolchain": "pip", "virtualenv": sys.prefix}},
    }


def test_a_main_of_the_project_is_kept(project):
    copy = write_project_file(project, "name: demo\nruntime: python\nmain: program/\n")

    assert copy["main"] == str(project.checkout / "program")


def test_values_keep_the_text_their_author_wrote(project):
    text = "config:\n  demo:opens: 02:00\n  demo:port: '0644'\n  demo:day: 2026-01-01\n"
    write_stack_file(project, text)

    assert project.stack_file("dev").read_text() == text


def test_keys_and_secrets_of_others_stay_out(project):
    copy = write_stack_file(
        project,
        "secretsprovider: awskms://x\nencryptedkey: k\nencryptionsalt: s\n"
        "config: {'demo:a': {secure: theirs}, 'demo:b': 1}\n",
    )

    assert copy == {"config": {"demo:b": 1}}
    assert project.missing_secrets("dev") == ["demo:a"]


def test_the_runs_own_salt_and_secrets_survive_a_change_of_the_checkout(project):
    project.stack_file("dev").write_text(
        "encryptionsalt: ours\nconfig: {'demo:a': {secure: ours}, 'demo:gone': 1}\n"
    )

    copy = write_stack_file(project, "config: {'demo:a': {secure: theirs}, 'demo:b': 2}\n")

    assert copy == {
        "encryptionsalt": "ours",
        "config": {"demo:a": {"secure": "ours"}, "demo:b": 2},
    }
    assert project.missing_secrets("dev") == []


def test_an_empty_file_is_fine(project):
    assert write_stack_file(project, "") == {}


@pytest.fixture
def here(project):
    """The project where an overlay holds."""
    tags = {"!digest": lambda name: f"sha256 of {name}"}
    return replace(project, overlay=Overlay("here", tags))


def lay_over(here, below, above):
    (here.checkout / "Pulumi.dev.here.yaml").write_text(above)
    return write_stack_file(here, below)


def test_an_overlay_is_a_merge_patch(here):
    """Its null removes, below a null stays; a list is replaced as a whole."""
    copy = lay_over(
        here,
        "config:\n  demo:a: {x: 1, list: [1, 2], deep: {y: 2, z: 3}}\n  demo:b: null\n",
        "config:\n  demo:a: {list: [3], deep: {z: null}, new: {v: 1, w: null}}\n  demo:c: added\n",
    )

    assert copy == {
        "config": {
            "demo:a": {"x": 1, "list": [3], "deep": {"y": 2}, "new": {"v": 1}},
            "demo:b": None,
            "demo:c": "added",
        }
    }


def test_a_mapping_takes_the_place_of_what_is_none_and_the_other_way_round(here):
    """Whatever stands above holds."""
    copy = lay_over(here, "config: {a: 1, b: {c: 2}}\n", "config: {a: {d: 3}, b: off}\n")

    assert copy == {"config": {"a": {"d": 3}, "b": False}}


def test_values_of_an_overlay_keep_their_text_too(here):
    """And their place among the keys."""
    below = "config:\n  demo:first: 1\n  demo:opens: 01:00\n  demo:last: 3\n"
    lay_over(here, below, "config:\n  demo:opens: 02:00\n")

    assert here.stack_file("dev").read_text() == below.replace("01:00", "02:00")


def test_a_stack_without_such_an_overlay_is_the_same_everywhere(here):
    """Only the stack of the sandbox has overlays."""
    assert write_stack_file(here, "config: {a: 1}\n") == {"config": {"a": 1}}


def test_tags_stand_for_values_that_only_the_place_knows(here):
    """At any depth, as text whatever they look like."""
    copy = lay_over(
        here,
        "config: {}\n",
        "config: {demo:a: {list: [!digest 'name:1', plain]}}\n",
    )

    assert copy == {"config": {"demo:a": {"list": ["sha256 of name:1", "plain"]}}}


def test_an_unknown_tag_is_named_with_its_file(here):
    """Before the engine sees it."""
    with pytest.raises(UsageError, match=r"here\.yaml has the tag !digset; known here: !digest"):
        lay_over(here, "config: {}\n", "config: {a: !digset b}\n")


def test_secrets_of_an_overlay_are_made_up_like_others(here):
    """Whoever wrote them meant another passphrase."""
    copy = lay_over(here, "config: {a: 1}\n", "config: {b: {secure: theirs}}\n")

    assert copy == {"config": {"a": 1}}
    assert here.missing_secrets("dev") == ["b"]


@pytest.mark.parametrize("text", ["a: [", "- a\n- b\n"])
def test_a_file_that_is_no_mapping_is_named(project, text):
    with pytest.raises(UsageError, match=r"Pulumi\.dev\.yaml"):
        write_stack_file(project, text)


def test_an_unknown_stack_is_named(project):
    with pytest.raises(UsageError, match=r"Pulumi\.nowhere\.yaml is missing"):
        project.write_stack_file("nowhere")


def test_the_policy_pack_is_applied_with_the_stacks_own_levels(project):
    assert project.policy_arguments("dev") == []

    pack = project.checkout / "policy"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").touch()
    (pack / "dev.json").touch()

    assert project.policy_arguments("prod") == ["--policy-pack", str(pack)]
    assert project.policy_arguments("dev") == [
        "--policy-pack",
        str(pack),
        "--policy-pack-config",
        str(pack / "dev.json"),
    ]
