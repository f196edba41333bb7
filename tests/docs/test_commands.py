"""Commands that the pages name exist, with the flags that they are given."""

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

import anomaly.cli
import ops.cli
import sandbox.cli
from sandbox.toolchain.toolchain import kubectl
from tests.docs.pages import ROOT, invocations, pages, simple_commands

ADVICE = [page for page in pages() if page.name != "docs/migration.md"]
MAKE = re.compile(r"`make ([.\w][\w.-]*)")
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([\w.-]+):", MAKEFILE, re.MULTILINE))
VARIABLES = set(re.findall(r"^(?:ifdef )?([A-Z]+)(?: \?=|$)", MAKEFILE, re.MULTILINE))
PARSERS = {
    "sandbox": sandbox.cli.parser,
    "anomaly": anomaly.cli.parser,
}
GROUPS: dict[str, click.Group] = {"ops": ops.cli.cli}
LISTING = ("-h", "--help")


def operations(group: click.Group, path: str = "") -> Iterator[str]:
    """Every command of the operations command line."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        words = f"{path} {name}".strip()
        if isinstance(command, click.Group):
            yield from operations(command, words)
        else:
            yield words


def parse_click(group: click.Group, given: list[str]) -> None:
    """Read a command as a command line of click would, without doing it."""
    command, rest = group, list(given)
    while isinstance(command, click.Group):
        word = rest.pop(0)
        found = command.get_command(click.Context(command), word)
        assert found, f"there is no command {word}"
        command = found
    if not set(rest) & set(LISTING):
        command.make_context("it", rest)


# Not Go modules of ours, so not here to be asked; these are what their current manuals say.
FLUX = {
    ("suspend", "kustomization"): set(),
    ("resume", "kustomization"): set(),
    ("reconcile", "kustomization"): {"--with-source"},
    ("diff", "kustomization"): {"--path"},
}
HELM = {("show", "crds"): {"--repo", "--version"}}
ISTIOCTL = {
    ("analyze",): {"-n"},
    ("tag", "list"): set(),
    ("x", "describe", "pod"): {"-n"},
    ("x", "authz", "check"): {"-n"},
    ("proxy-config", "secret"): {"-n"},
    ("proxy-config", "cluster"): {"-n", "--fqdn", "-o"},
}


def flags(words: list[str]) -> set[str]:
    """The flags among a command's words; single letters one by one."""
    found = set()
    for word in words[: words.index("--") if "--" in words else None]:
        if word.startswith("--"):
            found.add(word.partition("=")[0])
        elif re.match(r"-[A-Za-z]", word):
            found.add(word[:2])
    return found


def subcommand(words: list[str], known: set[tuple[str, ...]]) -> tuple[str, ...]:
    """The known subcommand that the words begin with."""
    lengths = sorted({len(each) for each in known}, reverse=True)
    return next(tuple(words[:n]) for n in (*lengths, 0) if tuple(words[:n]) in known or not n)


@cache
def helped(program: Path, *words: str) -> set[str]:
    """The flags in a tool's help."""
    answer = subprocess.run([program, *words], capture_output=True, text=True, check=True)
    return set(re.findall(r"(?<![\w-])-{1,2}[A-Za-z][\w-]*", answer.stdout)) | set(LISTING)


class TestMake:
    @pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
    def test_targets_and_variables_in_pages_exist(self, page):
        words = [word for _, given in invocations("make", [page]) for word in given]
        variables = {word.partition("=")[0] for word in words if "=" in word}
        assert {word for word in words if "=" not in word} <= TARGETS
        assert variables <= VARIABLES

    def test_targets_in_messages_and_comments_exist(self):
        sources = [*ROOT.glob("Pulumi*.yaml"), *ROOT.glob("*.py")]
        folders = "anomaly components observability ops policy sandbox settings vocabulary"
        for folder in folders.split():
            sources += (ROOT / folder).rglob("*.py")
        named = {
            (path.relative_to(ROOT).as_posix(), target)
            for path in sources
            for target in MAKE.findall(path.read_text())
        }
        assert ("sandbox/commands/registry.py", "up") in named
        assert not {(path, target) for path, target in named if target not in TARGETS}


class TestPythonModules:
    CALLS = [
        (name, given[1], given[2:])
        for name, given in invocations("python", ADVICE)
        if given[:1] == ["-m"]
    ]

    @pytest.mark.parametrize("page, module, given", CALLS)
    def test_a_module_and_its_arguments_exist(self, page, module, given):
        assert importlib.util.find_spec(module)
        if given and module in PARSERS:
            PARSERS[module]().parse_args(given)
        if given and module in GROUPS:
            parse_click(GROUPS[module], given)

    def test_the_operations_page_names_every_command(self):
        named = {" ".join(given) for page, module, given in self.CALLS if module == "ops"}
        missing = [
            words
            for words in operations(ops.cli.cli)
            if not any(f"{each} ".startswith(f"{words} ") for each in named)
        ]
        assert not missing

    def test_the_sandbox_page_names_every_command(self):
        named = {given[0] for page, module, given in self.CALLS if module == "sandbox" and given}
        (commands,) = [
            action.choices
            for action in sandbox.cli.parser()._actions
            if action.choices and "up" in action.choices
        ]
        assert set(commands) <= named


class TestKubectl:
    CALLS = [
        pytest.param(given, id=f"{page}: {' '.join(given)}")
        for page, given in invocations("kubectl", ADVICE)
        if given and given != ["..."]
    ]

    @pytest.mark.parametrize("given", CALLS)
    def test_a_command_and_its_flags_exist(self, given):
        two = given[0] in ("rollout", "create", "config") and len(given) > 1
        known = helped(kubectl(), *given[: 1 + two], "--help") | helped(kubectl(), "options")
        assert flags(given) <= known


@pytest.mark.engine
def test_commands_of_pulumi_and_their_flags_exist(toolchain):
    for page, given in invocations("pulumi", ADVICE):
        verb = [word for word in given[:2] if re.fullmatch(r"[a-z]+", word)]
        # `config set` is two words; `stack output experiments` names an output.
        two = verb[:1] in (["stack"], ["config"], ["plugin"])
        if given:
            known = helped(toolchain.path("pulumi"), *(verb if two else verb[:1]), "--help")
            assert flags(given) <= known, f"{page}: pulumi {' '.join(given)}"


@pytest.mark.parametrize("tool, known", [("flux", FLUX), ("helm", HELM), ("istioctl", ISTIOCTL)])
def test_commands_of_other_tools_are_those_of_their_manuals(tool, known):
    for page, given in invocations(tool, ADVICE):
        where = f"{page}: {tool} {' '.join(given)}"
        if len(given) > 1:
            verb = subcommand(given, set(known))
            assert verb, where
            assert flags(given) <= known[verb], where


@pytest.mark.parametrize(
    "command, words",
    [
        ("make up", [["make", "up"]]),
        ("A=b make up | tail -1", [["make", "up"], ["tail", "-1"]]),
        ("kubectl get x -o 'a|b'  # why", [["kubectl", "get", "x", "-o", "a|b"]]),
        ("an unfinished 'quote", []),
    ],
)
def test_a_command_is_split_as_a_shell_does(command, words):
    assert list(simple_commands(command)) == words
