"""The command line: help, refusals, forms of output. No cluster is asked."""

import json
import os
import subprocess
import sys

import click
import pytest
import yaml

from ops.cli import cli
from ops.commands.schema import documents
from sandbox.folder import CHECKOUT


def commands(group=cli, path=()):
    """Every command, with the words that lead to it."""
    for name, each in group.commands.items():
        if isinstance(each, click.Group):
            yield from commands(each, (*path, name))
        else:
            yield (*path, name), each


COMMANDS = dict(commands())
DOCUMENTS = documents(cli)
WRITES = [
    ("gitops", "reconcile"), ("gitops", "suspend"), ("gitops", "resume"),
    ("mesh", "canary", "set"),
    ("chaos", "pause"), ("chaos", "pause-all"), ("chaos", "resume"), ("chaos", "unstick"),
]  # fmt: skip


def options(command):
    return {name for parameter in command.params for name in parameter.opts}


class TestHelp:
    @pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
    def test_has_examples_that_are_this_very_command(self, command, words):
        shown = command(*words, "--help")
        assert shown.code == 0
        assert "Examples:" in shown.out
        assert f"python -m ops {' '.join(words)}" in shown.out

    @pytest.mark.parametrize("words", WRITES, ids=" ".join)
    def test_whatever_writes_can_be_tried_first(self, words):
        assert "--dry-run" in options(COMMANDS[words])

    def test_names_the_exit_codes(self, command):
        assert "Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 not well." in command("--help").out


class TestRefusals:
    @pytest.mark.parametrize(
        "given, said",
        [
            (("stats",), "No such command 'stats'"),
            (("status", "-o", "xml"), "'xml' is not one of 'table', 'json', 'yaml'"),
            (("gitops", "suspend", "apps"), "Missing option '--reason'"),
            (("gitops", "reconcile"), "Missing argument 'TARGET'"),
            (("gitops", "reconcile", "apps", "--timeout", "5"), "is not a Go duration"),
            (("anomalies",), "nobody to ask"),
            (("alerts",), "nobody to ask"),
            (("anomalies", "--prometheus", "prometheus:9090"), "begins with http"),
            (("schema", "nothing"), "there is no document 'nothing'; there are: status"),
            (("chaos", "report"), "name a run, or give --service"),
            (("chaos", "report", "--service", "shop/api"), "go together"),
            (
                ("chaos", "report", "--service", "api", "--start", "a", "--end", "b"),
                "'api' is no service; write NAMESPACE/NAME",
            ),
            (
                ("chaos", "report", "--service", "shop/api", "--start", "now", "--end", "then"),
                "'now' is no moment",
            ),
            (
                (
                    "chaos", "report", "--service", "shop/api",
                    "--start", "2026-01-02", "--end", "2026-01-01",
                ),
                "--start is later than --end",
            ),
            (
                (
                    "chaos", "report", "--service", "shop/api", "--max-errors", "5",
                    "--start", "2026-01-01", "--end", "2026-01-02",
                ),
                "5.0 is not in the range 0<=x<1",
            ),
        ],
    )  # fmt: skip
    def test_say_what_is_wrong_and_what_is_possible(self, command, given, said):
        done = command(*given)
        assert done.code == 2
        assert said in done.err
        assert "Traceback" not in done.err
        assert done.out == ""

    def test_without_a_kubeconfig_says_what_to_do(self, command, tmp_path):
        done = command("status", kubeconfig=tmp_path / "nowhere")
        assert done.code == 2
        assert "set KUBECONFIG or give --kubeconfig FILE" in done.err


class TestOutput:
    GIVEN = (
        "chaos", "report", "--service", "shop/api",
        "--start", "2026-01-01T00:00:00Z", "--end", "2026-01-01T00:01:00Z",
    )  # fmt: skip

    def test_yaml_and_json_say_the_same(self, command):
        documents = [
            read(command(*self.GIVEN, "-o", form).out)
            for form, read in (("json", json.loads), ("yaml", yaml.safe_load))
        ]
        for document in documents:
            document.pop("at")
        assert documents[0] == documents[1]

    def test_without_a_source_there_is_no_verdict_and_it_says_why(self, command):
        done = command(*self.GIVEN)
        assert done.code == 3
        assert "No verdict." in done.out
        assert "no Prometheus was given" in done.out

    def test_has_no_colour_where_nobody_looks(self, command):
        assert "\x1b" not in command("--help").out + command(*self.GIVEN).out


class TestSchema:
    @pytest.mark.parametrize("name, kind", DOCUMENTS.items())
    def test_says_name_and_version_in_the_document(self, name, kind):
        assert kind.model_fields["document"].default.startswith(f"{name}/")

    def test_names_every_document(self, command):
        assert command("schema").out.split() == list(DOCUMENTS)

    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_is_closed_and_says_what_each_field_is(self, command, name):
        schema = json.loads(command("schema", name).out)
        for part in (schema, *schema.get("$defs", {}).values()):
            assert part["additionalProperties"] is False
            missing = [key for key, f in part["properties"].items() if "description" not in f]
            assert not missing


class TestProgram:
    def test_whose_reader_has_seen_enough_ends_without_a_word(self, tmp_path):
        done = subprocess.run(
            ["bash", "-c", f"'{sys.executable}' -m ops schema chaos-report | head -n 1"],
            capture_output=True,
            text=True,
            check=True,
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert (done.stdout, done.stderr) == ("{\n", "")


@pytest.mark.parametrize("name", ["init", "preview", "deploy", "drift", "render"])
def test_commands_of_delivery_ask_for_the_stack(command, name):
    done = command(name)
    assert (done.code, "Missing option '--stack'" in done.err) == (2, True)
