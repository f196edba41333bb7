"""Console blocks that are marked so are run, and print what the page says.

A block marked `runnable` needs nothing but the Python environment; one marked `cluster` is run
against the test run's own sandbox. A line `...` stands for any lines.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, pages

MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T|\\? )\d\d:\d\d:\d\dZ")


def examples(mark):
    return [
        pytest.param(command, id=command.partition("\n")[0])
        for page in pages()
        for block in page.blocks
        if block.language == "console" and mark in block.marks
        for command in console_commands(block.text)
    ]


PROGRESS = re.compile(r"^INFO replayed at \d+ of \d+ thresholds\n", re.MULTILINE)
"""What is said on the way when a machine is slow; no page shows it."""


def console_commands(text: str) -> list[str]:
    """The commands of a console block, each with the output that follows it."""
    return [part.rstrip("\n") for part in re.split(r"^\$ ", text, flags=re.MULTILINE) if part]


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command line as a reader would, in the checkout."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = os.environ | {"PATH": path, "COLUMNS": "200", "NO_COLOR": "1"}
    command = command.replace("python -m sandbox ", f"python -m sandbox --folder {folder} ", 1)
    return subprocess.run(
        ["bash", "-euc", command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def agrees(printed: str, expected: str) -> bool:
    """Whether an output is the one that a page shows; moments may be others."""
    lines = (".*" if line == "..." else re.escape(line) for line in expected.splitlines())
    pattern = MOMENT.sub(lambda _: MOMENT.pattern, "\n".join(lines).replace("\\-", "-"))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def verify(example: str, folder: Path) -> None:
    command, _, expected = example.partition("\n")
    done = run(command, folder)
    if expected:
        assert agrees(PROGRESS.sub("", done.stdout), expected), done.stdout
    else:
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("example", examples("runnable"))
def test_an_example_prints_what_the_page_says(example, tmp_path):
    verify(example, tmp_path / "nowhere")


@pytest.mark.cluster
@pytest.mark.parametrize("example", examples("cluster"))
def test_an_example_works_on_a_running_sandbox(example, sandbox):
    verify(example, sandbox.folder.root)


def test_there_are_examples_of_both_kinds():
    assert examples("runnable")
    assert examples("cluster")


@pytest.mark.parametrize(
    "printed, expected, same",
    [
        ("one\ntwo\n", "one\ntwo", True),
        ("one\ntwo\nthree\n", "one\n...\nthree", True),
        ("one\ntwo\n", "one", False),
        ("a.c\n", "abc", False),
        ("abc\n", "a.c", False),
        ("at 2027-01-31 10:20:30Z.\n", "at 2026-11-24 12:00:00Z.", True),
        ("at 2027-01-31T10:20:30Z.\n", "at 2026-11-24T12:00:00Z.", True),
        ("at 2027-01-31.\n", "at 2026-11-24.", False),
    ],
)
def test_outputs_are_compared_line_by_line(printed, expected, same):
    assert agrees(printed, expected) is same
