"""Whether a text is one of a language that others run: PromQL, CEL, regular expressions, ranges.

A mistake in one of them shows late: a proxy refuses its whole configuration, an experiment is
stopped at once, nothing newer is ever found.
"""

import re
from collections.abc import Iterator

import promql_parser as promql
from pydantic_core import SchemaError, SchemaValidator, core_schema

_CHILDREN = ("lhs", "rhs", "expr", "param", "vector_selector")


def is_promql(text: str) -> bool:
    """Whether a text is PromQL that finds series: no bare number, and no range of samples."""
    try:
        tree = promql.parse(text)
    except ValueError:
        return False
    is_range = isinstance(tree, promql.MatrixSelector | promql.SubqueryExpr)
    return not is_range and any(_selectors(tree))


def _selectors(node: object) -> Iterator[bool]:
    if isinstance(node, promql.VectorSelector):
        yield True
    for child in [getattr(node, name, None) for name in _CHILDREN] + [*getattr(node, "args", ())]:
        if child is not None and not isinstance(child, str):
            yield from _selectors(child)


def is_expression(text: str) -> bool:
    """Whether a text is a regular expression of RE2's kind."""
    try:
        SchemaValidator(core_schema.str_schema(pattern=text))
    except SchemaError:
        return False
    return bool(text)


def tells_apart(text: str) -> bool:
    """Whether a text is a regular expression that not everybody matches."""
    if not is_expression(text):
        return False
    anybody = SchemaValidator(core_schema.str_schema(pattern=text))
    return not any(anybody.isinstance_python(who) for who in ("", "nobody", "https://a.invalid/b"))


_VERSION = r"v?(0|[1-9]\d*|[xX*])(\.(0|[1-9]\d*|[xX*])){0,2}(-[-0-9A-Za-z.]+)?(\+[-0-9A-Za-z.]+)?"
_TERM = rf"(=|!=|>=?|=>|<=?|=<|~>?|\^)?\s*{_VERSION}"
_TERMS = re.compile(rf"({_TERM}|{_VERSION}\s+-\s+{_VERSION})(\s*[,\s]\s*{_TERM})*")


def is_range(text: str) -> bool:
    """Whether a text is a range of versions as Flux reads it."""
    return all(_TERMS.fullmatch(each.strip()) for each in text.split("||"))


ATTRIBUTES = frozenset(
    {"request", "response", "source", "destination", "connection", "upstream", "metadata"}
    | {"filter_state", "upstream_filter_state", "xds"}
)
"""What Envoy tells a CEL expression of a request."""

_TOKEN = re.compile(
    r"""(?x) \s* (?: (?P<literal> [rR]?"(?:[^"\\]|\\.)*" | [rR]?'(?:[^'\\]|\\.)*'
      | (?:0x[0-9a-fA-F]+ | \d+(?:\.\d+)?(?:[eE][-+]?\d+)?) u? (?![\w.]) )
      | (?P<name> [A-Za-z_]\w* )
      | (?P<sign> \|\| | && | [=!<>]= | [-+*/%<>!?:.,()\[\]{}] ) ) \s*"""
)
_BETWEEN = {"||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in"}
_MACROS = {"all", "exists", "exists_one", "filter", "map"}
_CONSTANTS = {"true", "false", "null"}
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def is_cel(text: str) -> bool:
    """Whether a text is CEL over Envoy's attributes."""
    try:
        reader = _Cel(text)
        reader.expression()
    except ValueError:
        return False
    return reader.next is None and reader.roots <= ATTRIBUTES | reader.bound


class _Cel:
    """A reader of CEL that only asks whether it is well formed, and of what it speaks."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self.next: tuple[str, str] | None = next(self._tokens, None)
        self.roots: set[str] = set()
        self.bound: set[str] = set()

    def expression(self) -> None:
        """Values with operators between them, or a choice between two."""
        self._value()
        while self.next and self.next[1] in _BETWEEN:
            self._take()
            self._value()
        if self._skip("?"):
            self.expression()
            self._take(":")
            self.expression()

    def _value(self) -> None:
        while self.next and self.next[1] in {"!", "-"}:
            self._take()
        kind, text = self._take()
        if text in _CLOSING:
            self._list(_CLOSING[text], pairs=text == "{", least=int(text == "("))
        elif kind == "name" and text not in _BETWEEN:
            if self._skip("("):
                self._list(")")
            elif text not in _CONSTANTS:
                self.roots.add(text)
        elif kind != "literal":
            raise ValueError(text)
        self._members()

    def _members(self) -> None:
        while True:
            if self._skip("."):
                kind, name = self._take()
                if kind != "name":
                    raise ValueError(name)
                if self._skip("("):
                    if name in _MACROS and self.next:
                        self.bound.add(self.next[1])
                    self._list(")")
            elif self._skip("["):
                self.expression()
                self._take("]")
            else:
                return

    def _list(self, end: str, *, pairs: bool = False, least: int = 0) -> None:
        count = 0
        while count < least or not (self.next and self.next[1] == end):
            if count and not least:
                self._take(",")
            self.expression()
            if pairs:
                self._take(":")
                self.expression()
            count += 1
        self._take(end)

    def _skip(self, sign: str) -> bool:
        if self.next is None or self.next != ("sign", sign):
            return False
        self._take()
        return True

    def _take(self, sign: str | None = None) -> tuple[str, str]:
        taken = self.next
        if taken is None or (sign is not None and taken[1] != sign):
            raise ValueError(sign)
        self.next = next(self._tokens, None)
        return taken


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError(text[position:])
        position = token.end()
        kind = str(token.lastgroup)
        yield kind, token[kind]
