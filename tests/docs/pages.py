"""Every Markdown page of the repository, taken apart: headings, links, code."""

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHELLS = ("bash", "console", "sh", "shell")
OPERATORS = {"|", "||", "&&", ";", "&"}

_FENCE = re.compile(r"^( *)```(.*?)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    language: str
    marks: tuple[str, ...]
    """What else stands behind the fence: `runnable`, `cluster`."""
    text: str

    def commands(self) -> Iterator[str]:
        """The commands of a shell block, each with all its lines."""
        if self.language == "console":
            yield from (line[2:] for line in self.text.splitlines() if line.startswith("$ "))
        elif self.language in SHELLS:
            command = ""
            for line in self.text.splitlines():
                command += f"{line}\n"
                if is_whole(command):
                    yield command
                    command = ""


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """All but the fenced blocks."""
        return _FENCE.sub("", self.text)

    @property
    def spans(self) -> list[str]:
        """What stands between backticks in the prose."""
        return _SPAN.findall(self.prose)

    @property
    def blocks(self) -> list[Block]:
        found = []
        for indent, info, text in _FENCE.findall(self.text):
            language, *marks = info.split() or [""]
            unindented = "".join(line.removeprefix(indent) for line in text.splitlines(True))
            found.append(Block(language, tuple(marks), unindented))
        return found

    @property
    def links(self) -> list[str]:
        return _LINK.findall(_SPAN.sub("code", self.prose))

    @cached_property
    def anchors(self) -> set[str]:
        """The headings, as a forge makes anchors of them."""
        titles = _HEADING.findall(self.prose)
        plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
        return {title.strip().replace(" ", "-") for title in plain}

    def commands(self) -> Iterator[str]:
        """Whatever a reader may paste into a shell: blocks, and code in sentences."""
        for block in self.blocks:
            yield from block.commands()
        yield from self.spans


def pages() -> list[Page]:
    """All of them, but those of tools and of finished runs."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        found += [Page(Path(folder) / name) for name in files if name.endswith(".md")]
    return sorted(found, key=lambda page: page.name)


def invocations(tool: str, found: list[Page]) -> list[tuple[str, list[str]]]:
    """Where a tool is called, and with which arguments."""
    return [
        (page.name, words[1:])
        for page in found
        for command in page.commands()
        for words in simple_commands(command)
        if Path(words[0]).name == tool
    ]


def simple_commands(command: str) -> Iterator[list[str]]:
    """The parts of a pipeline or list, each as words without leading assignments."""
    if not is_whole(command):
        return
    command = command.replace("\\\n", " ")
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|;&")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in OPERATORS:
            words.append(word)
            continue
        while words and re.match(r"[A-Z_]+=", words[0]):
            words.pop(0)
        if words:
            yield words
        words = []


def is_whole(command: str) -> bool:
    """Whether all quotes are closed and no line goes on."""
    try:
        shlex.split(command, comments=True)
    except ValueError:
        return False
    return not command.rstrip("\n").endswith("\\")
