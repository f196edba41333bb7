"""Netlink messages: laid out as the kernel reads them."""

import struct

from sandbox.node.netfilter import QUEUE, _attribute, _message, _problems


def test_attributes_are_padded_but_say_their_real_length():
    """Else the kernel would read past the content, or find the next one elsewhere."""
    assert _attribute(1, b"abc") == struct.pack("=HH", 7, 1) + b"abc\0"
    assert len(_attribute(1, b"abcd")) == 8


def test_an_expression_names_itself_and_holds_its_attributes():
    """The name ends with a zero byte."""
    assert b"target\0" in QUEUE.encode()
    assert b"NFQUEUE\0" in QUEUE.encode()


def test_a_message_says_its_length():
    """Several of them stand in one packet."""
    message = _message(16, 0, _attribute(1, b"x"))
    (length,) = struct.unpack_from("=I", message)
    assert length == len(message)


def test_every_answer_in_a_packet_is_read():
    """The kernel packs several into one."""
    answer = struct.pack("=IHHIIi", 20, 2, 0, 0, 0, 0)
    refusal = struct.pack("=IHHIIi", 20, 2, 0, 0, 0, -2)
    assert _problems(answer + refusal) == [0, 2]
