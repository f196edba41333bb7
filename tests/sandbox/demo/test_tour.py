"""The tour reads a page out and runs the commands on it, one stop after the other."""

import io
import os

import pytest
from rich.console import Console

from sandbox.demo.tour import stops, take
from sandbox.errors import TourError

PAGE = """\
# Tour

First.

```console live
$ echo one > told
$ echo two \\
    >> told
shown on the page
```

Second, with an example that is not run:

```console
$ exit 1
```
"""


def taken(page, folder, on_stop=lambda: None):
    console = Console(file=io.StringIO(), width=80)
    take(page, folder=folder, environment=os.environ, console=console, on_stop=on_stop)
    return console.file.getvalue()


def test_commands_are_run_where_they_stand(tmp_path):
    printed = taken(PAGE, tmp_path)
    assert (tmp_path / "told").read_text() == "one\ntwo\n"
    assert printed.index("First.") < printed.index("$ echo one > told") < printed.index("Second")
    assert "shown on the page" not in printed


def test_what_is_not_marked_is_told_only(tmp_path):
    *_, last = stops(PAGE)
    assert last.commands == ()
    assert "exit 1" in last.prose


def test_each_stop_is_announced(tmp_path):
    announced = []
    taken(PAGE, tmp_path, on_stop=lambda: announced.append(1))
    assert announced == [1]


def test_it_ends_where_a_command_fails(tmp_path):
    page = PAGE.replace("echo one > told", "exit 4")
    with pytest.raises(TourError, match="`exit 4` ended with 4"):
        taken(page, tmp_path)
    assert not (tmp_path / "told").exists()
