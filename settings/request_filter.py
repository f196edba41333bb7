"""Whether a text is a CEL expression over a request, of Envoy's attributes and of the right kinds.

A proxy that is given another logs nothing, and says so to nobody. Only forms and kinds are looked
at; nothing is worked out.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

Entry = TypeVar("Entry")

Kind = str
"""What a value is: `bool`, `number`, `text`, `duration`, `time`, or empty where that is open."""

_TLS: Mapping[str, Kind] = {
    **dict.fromkeys(
        ("tls_version", "subject_local_certificate", "subject_peer_certificate"), "text"
    ),
    **dict.fromkeys(("dns_san_local_certificate", "dns_san_peer_certificate"), "text"),
    **dict.fromkeys(("uri_san_local_certificate", "uri_san_peer_certificate"), "text"),
    **dict.fromkeys(("sha256_peer_certificate_digest", "transport_failure_reason"), "text"),
}
_PEER: Mapping[str, Kind] = {"address": "text", "port": "number"}
ATTRIBUTES: Mapping[str, Mapping[str, Kind]] = {
    "request": {
        **dict.fromkeys(("path", "url_path", "host", "scheme", "method", "referer"), "text"),
        **dict.fromkeys(("useragent", "id", "protocol", "query"), "text"),
        **dict.fromkeys(("size", "total_size"), "number"),
        "headers": "",
        "time": "time",
        "duration": "duration",
    },
    "response": {
        **dict.fromkeys(("code", "flags", "grpc_status", "size", "total_size"), "number"),
        **dict.fromkeys(("headers", "trailers"), ""),
        "code_details": "text",
        "backend_latency": "duration",
    },
    "source": _PEER,
    "destination": _PEER,
    "connection": {
        **_TLS,
        "id": "number",
        "mtls": "bool",
        "requested_server_name": "text",
        "termination_details": "text",
    },
    "upstream": {
        **_TLS,
        **_PEER,
        "local_address": "text",
        "locality": "",
        "request_attempt_count": "number",
        "cx_pool_ready_duration": "duration",
    },
    "metadata": {},
    "filter_state": {},
    "upstream_filter_state": {},
    "xds": {},
}
"""What Envoy tells an expression of a request; of the last ones others decide what is in them."""

_FUNCTIONS = {
    **dict.fromkeys(("has", "bool"), "bool"),
    **dict.fromkeys(("size", "int", "uint", "double"), "number"),
    **dict.fromkeys(("bytes", "type", "dyn"), ""),
    "string": "text",
    "duration": "duration",
    "timestamp": "time",
    "matches": "bool",
}
_MACROS = {"all": "bool", "exists": "bool", "exists_one": "bool", "filter": "", "map": ""}
_METHODS = {
    **_MACROS,
    **dict.fromkeys(("startsWith", "endsWith", "contains", "matches"), "bool"),
    **dict.fromkeys(("size", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"), "number"),
    **dict.fromkeys(("getFullYear", "getHours", "getMilliseconds", "getMinutes"), "number"),
    **dict.fromkeys(("getMonth", "getSeconds"), "number"),
}
_TOKEN = re.compile(
    r"""(?x) \s* (?: (?P<text> [rR]?"(?:[^"\\]|\\.)*" | [rR]?'(?:[^'\\]|\\.)*' )
      | (?P<number> (?:0x[0-9a-fA-F]+ | \d+(?:\.\d+)?(?:[eE][-+]?\d+)?) u? (?![\w.]) )
      | (?P<name> [A-Za-z_]\w* )
      | (?P<sign> \|\| | && | [=!<>]= | [-+*/%<>!?:.,()\[\]{}] ) ) \s*"""
)
_LEVELS = (
    {"||"},
    {"&&"},
    {"==", "!=", "<", "<=", ">", ">=", "in"},
    {"+", "-"},
    {"*", "/", "%"},
)
"""Signs between values, from those that bind least."""

_LOGIC, _RELATION = 2, 3
_CONSTANTS = {"true": "bool", "false": "bool", "null": ""}
_CLOSING = {"[": "]", "{": "}"}


def is_filter(text: str) -> bool:
    """Whether a text picks requests: it is true or false, depending on some attribute."""
    try:
        reader = _Reader(text)
        kind = reader.expression()
    except (ValueError, RecursionError):
        return False
    return reader.next is None and reader.asks and kind in {"", "bool"}


class _Reader:
    """Reads an expression and says of what kind it is."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self.next: tuple[str, str] | None = next(self._tokens, None)
        self.asks = False
        """Whether any attribute has been asked for."""

        self._bound: set[str] = set()

    def expression(self) -> Kind:
        """Values with signs between them, or a choice between two."""
        kind = self._level(0)
        if self._skip("?"):
            _agree(kind, "bool")
            one = self.expression()
            self._take(":")
            return _agree(one, self.expression())
        return kind

    def _level(self, level: int) -> Kind:
        if level == len(_LEVELS):
            return self._unary()
        kind = self._level(level + 1)
        while self.next and self.next[1] in _LEVELS[level]:
            _, sign = self._take()
            other = self._level(level + 1)
            if level < _LOGIC:
                kind = _agree(_agree(kind, other), "bool")
            elif level < _RELATION:
                if sign != "in":
                    _agree(kind, other)
                kind = "bool"
            else:
                kind = kind if kind == other else ""
        return kind

    def _unary(self) -> Kind:
        if self._skip("!"):
            return _agree(self._unary(), "bool")
        if self._skip("-"):
            return _agree(self._unary(), "number")
        return self._members(*self._value())

    def _value(self) -> tuple[Kind, Mapping[str, Kind]]:
        """A value, and the attributes of which one must be named where it has some."""
        kind, text = self._take()
        if text == "(":
            inner = self.expression()
            self._take(")")
            return inner, {}
        if text in _CLOSING:
            self._list(_CLOSING[text], pairs=text == "{")
            return "", {}
        if kind != "name":
            return _known({"text": "text", "number": "number"}, kind), {}
        if self._skip("("):
            self._list(")")
            return _known(_FUNCTIONS, text), {}
        if text in _CONSTANTS or text in self._bound:
            return _CONSTANTS.get(text, ""), {}
        self.asks = True
        return "", _known(ATTRIBUTES, text) or {"": ""}

    def _members(self, kind: Kind, attributes: Mapping[str, Kind]) -> Kind:
        while True:
            if self._skip("."):
                is_name, name = self._take()
                if is_name != "name":
                    raise ValueError(name)
                if self._skip("("):
                    kind = _known(_METHODS, name)
                    if name in _MACROS and self.next:
                        self._bound.add(self.next[1])
                    self._list(")")
                else:
                    kind = "" if "" in attributes or not attributes else _known(attributes, name)
            elif self._skip("["):
                self.expression()
                self._take("]")
                kind = ""
            else:
                break
            attributes = {}
        if attributes:
            raise ValueError("names no attribute")
        return kind

    def _list(self, end: str, *, pairs: bool = False) -> None:
        count = 0
        while not (self.next and self.next[1] == end):
            if count:
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


def _known(names: Mapping[str, Entry], name: str) -> Entry:
    if name not in names:
        raise ValueError(name)
    return names[name]


def _agree(one: Kind, other: Kind) -> Kind:
    """The kind of two values that must be of the same."""
    if one and other and one != other:
        raise ValueError(f"{one} and {other}")
    return one or other


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise ValueError(text[position:])
        position = token.end()
        kind = str(token.lastgroup)
        yield kind, token[kind]
