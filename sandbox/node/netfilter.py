"""Asks the kernel over netlink what its packet filter can do; no program is needed for it.

Everything is asked in the network namespace of the caller, and stays there.
"""

import errno
import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

_NETFILTER = 12
_NFTABLES, _IPSET = 10, 6
_BATCH_BEGIN, _BATCH_END = 0x10, 0x11
_NEW_TABLE, _NEW_CHAIN, _NEW_RULE = 0, 3, 6
_IPSET_PROTOCOL = 1
_REQUEST, _ACKNOWLEDGE, _CREATE, _APPEND = 0x1, 0x4, 0x400, 0x800
_ERROR = 2
_IPV4 = 2
_NESTED = 0x8000
_RECEIVE_BYTES = 65536
_ANSWER_SECONDS = 5.0
_HEADER = struct.Struct("=IHHII")
_ERRNO = struct.Struct("=i")
_TABLE = b"brisa\0"


def _attribute(kind: int, *content: bytes) -> bytes:
    payload = b"".join(content)
    length = 4 + len(payload)
    return struct.pack("=HH", length, kind) + payload + bytes(-length % 4)


def _number(kind: int, value: int, layout: str = ">I") -> bytes:
    return _attribute(kind, struct.pack(layout, value))


@dataclass(frozen=True)
class Expression:
    """One part of a rule, as the kernel names it."""

    name: str
    attributes: bytes = b""

    def encode(self) -> bytes:
        """An element of a rule's list of expressions."""
        name = _attribute(1, self.name.encode() + b"\0")
        return _attribute(1 | _NESTED, name, _attribute(2 | _NESTED, self.attributes))


MASQUERADE = Expression("masq")
NUMBERS = Expression("numgen", _number(1, 1) + _number(2, 2) + _number(3, 0))
"""What spreads connections over the pods of a Service."""
ROUTES = Expression("fib", _number(1, 1) + _number(2, 3) + _number(3, 2))
"""Type of the route to the destination: tells addresses of the node itself."""
QUEUE = Expression(
    "target",
    _attribute(1, b"NFQUEUE\0") + _number(2, 3) + _attribute(3, struct.pack("=HHHH", 100, 1, 0, 0)),
)
"""Hands packets to a program, which decides: how network policies are enforced."""


def nftables_accept(expressions: Sequence[Expression], *, kind: str = "filter") -> None:
    """Add a table, a chain of the kind and a rule; OSError with the kernel's reason if refused."""
    hook = _attribute(4 | _NESTED, _number(1, 4), _number(2, 100))
    name = kind.encode() + b"\0"
    chain = (_attribute(1, _TABLE), _attribute(3, name), hook, _attribute(7, name))
    rule = (_attribute(1, _TABLE), _attribute(2, name))
    listed = _attribute(4 | _NESTED, *(each.encode() for each in expressions))
    _ask(
        _message(_BATCH_BEGIN, 0, resource=_NFTABLES),
        _nftables(_NEW_TABLE, _attribute(1, _TABLE)),
        _nftables(_NEW_CHAIN, *chain),
        _nftables(_NEW_RULE, *rule, listed),
        _message(_BATCH_END, 0, resource=_NFTABLES),
        answers=3,
    )


def ipset_answers() -> None:
    """Ask for the version of the kernel's address sets; OSError when it has none."""
    protocol = _attribute(1, b"\x07")
    kind = _IPSET << 8 | _IPSET_PROTOCOL
    _ask(_message(kind, _ACKNOWLEDGE, protocol), answers=1)


def _nftables(command: int, *attributes: bytes) -> bytes:
    return _message(_NFTABLES << 8 | command, _ACKNOWLEDGE | _CREATE | _APPEND, *attributes)


def _message(kind: int, flags: int, *attributes: bytes, resource: int = 0) -> bytes:
    body = struct.pack(">BBH", _IPV4, 0, resource) + b"".join(attributes)
    return _HEADER.pack(_HEADER.size + len(body), kind, _REQUEST | flags, kind, 0) + body


def _ask(*messages: bytes, answers: int) -> None:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETFILTER) as netlink:
        netlink.settimeout(_ANSWER_SECONDS)
        netlink.bind((0, 0))
        netlink.sendall(b"".join(messages))
        while answers > 0:
            for problem in _problems(netlink.recv(_RECEIVE_BYTES)):
                if problem in (errno.ENOENT, errno.EOPNOTSUPP, errno.EPROTONOSUPPORT):
                    raise OSError(problem, "not in this kernel")
                if problem:
                    raise OSError(problem, os.strerror(problem))
                answers -= 1


def _problems(received: bytes) -> list[int]:
    """The error numbers of all answers in what was received; 0 is a yes."""
    found = []
    while len(received) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(received)
        if kind == _ERROR:
            found.append(-_ERRNO.unpack_from(received, _HEADER.size)[0])
        elif length < _HEADER.size:
            raise OSError(errno.EBADMSG, "the kernel's answer makes no sense")
        received = received[(length + 3) & ~3 :]
    return found
