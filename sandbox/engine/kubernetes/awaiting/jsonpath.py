"""The JSONPath expressions of ``pulumi.com/waitFor``: ``jsonpath={.status.phase}=Running``.

Only the strict form of ``kubectl get -o jsonpath={...}``, with an optional value. The path knows
keys, indices, wildcards and filters that compare a field with a literal, which is what waiting
needs.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sandbox.engine.kubernetes.errors import ProviderError

Selector = Callable[[Any], Iterator[Any]]
"""From one value to the values that a step selects in it."""

PREFIX: Final = "jsonpath="
_STEP: Final = re.compile(
    r"""
    \.(?P<key>[A-Za-z_][\w-]*|\*)                      # .key or .*
    | \.?\[\s*(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\s*\]  # ['key']
    | \.?\[(?P<index>-?\d+)\]                          # [0]
    | \.?\[(?P<all>\*)\]                               # [*]
    | \.?\[\?\(?\s*@(?P<field>(?:\.[\w-]+)+)            # [?(@.key == 'value')]
        \s*(?P<operator>==|!=)\s*
        (?P<literal>'[^']*'|"[^"]*"|[\w.+-]+)\s*\)?\]
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Match:
    """What an expression found in an object."""

    matched: bool
    """Whether the object is as wanted."""
    message: str
    """What is still missing, for the user."""


@dataclass(frozen=True)
class Expression:
    """A path and the value that shall be there."""

    path: str
    """As the user wrote it, with braces."""
    value: str
    """Expected value; empty if any will do."""
    steps: tuple[Selector, ...]
    """The path's steps."""

    def __str__(self) -> str:
        return f"{self.path}={self.value}" if self.value else self.path

    def match(self, obj: Any) -> Match:
        """Say whether an object is as wanted.

        Raises:
            ProviderError: A map or a list is compared with a value.
        """
        found = [obj]
        for step in self.steps:
            found = [item for value in found for item in step(value)]
        if not found:
            return Match(matched=False, message=f"{self.path} selected nothing")
        if isinstance(found[0], dict | list):
            if self.value:
                raise ProviderError(f'"{self.path}" has a non-primitive value ({found[0]})')
            return Match(matched=True, message="")
        text = _text(found[0])
        return Match(
            matched=self.value in ("", text), message=f'Waiting for {self} (found "{text}")'
        )


def parse(raw: str) -> Expression:
    """Read an expression with its ``jsonpath=`` prefix.

    Raises:
        ProviderError: It is malformed; the text says what is expected.
    """
    path, *rest = _split(raw.removeprefix(PREFIX))
    value = "".join(rest)
    if len(rest) > 1:
        raise ProviderError(
            f'format should be {{.path}}=value or {{.path}}, got "{raw.removeprefix(PREFIX)}"'
        )
    if rest and not value:
        raise ProviderError(f"{path}= requires a value")
    if path.startswith("'") and path.endswith("'"):
        raise ProviderError(f"{path} should omit shell quotes")
    if value.startswith("{"):
        raise ProviderError(
            f"{path}={value} compares against another JSONPath, which is not supported; "
            "the value must be a literal"
        )
    if not (path.startswith("{") and path.endswith("}")):
        raise ProviderError(f"{path} should be wrapped in brackets {{ ... }}")
    return Expression(path, value, _steps(path))


def _split(text: str) -> list[str]:
    """Split at the equals signs outside braces."""
    parts, depth = [""], 0
    for character in text:
        if character == "=" and depth == 0:
            parts.append("")
            continue
        depth += {"{": 1, "}": -1}.get(character, 0)
        parts[-1] += character
    return parts


def _steps(path: str) -> tuple[Selector, ...]:
    text = path[1:-1].strip().removeprefix("$")
    steps: list[Selector] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise ProviderError(f'parsing "{path}": unexpected "{text[position:]}"')
        steps.append(_selector(match))
        position = match.end()
    return tuple(steps)


def _selector(match: re.Match[str]) -> Selector:
    if match["index"] is not None:
        return _element(int(match["index"]))
    if match["all"] or match["key"] == "*":
        return _everything
    if match["field"]:
        wanted = match["literal"].strip("'\"")
        return _filter(match["field"].split(".")[1:], wanted, negated=match["operator"] == "!=")
    return _member(match["key"] or match["quoted"])


def _member(key: str) -> Selector:
    def select(value: Any) -> Iterator[Any]:
        if isinstance(value, dict) and key in value:
            yield value[key]

    return select


def _element(index: int) -> Selector:
    def select(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= index < len(value):
            yield value[index]

    return select


def _everything(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _filter(keys: list[str], wanted: str, *, negated: bool) -> Selector:
    def select(value: Any) -> Iterator[Any]:
        for item in _everything(value):
            found = item
            for key in keys:
                found = found.get(key) if isinstance(found, dict) else None
            if (found is not None and _text(found) == wanted) != negated:
                yield item

    return select


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "<nil>" if value is None else str(value)
