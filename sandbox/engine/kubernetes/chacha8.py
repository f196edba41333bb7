"""ChaCha8 as the random source of Go's ``math/rand/v2``.

The official plugin draws the random part of a name from this generator, seeded by the engine.
Drawing from the same one gives the same name for the same seed, so that a plan made with one
plugin fits the other. Only the first block is needed: it holds 32 numbers and a name takes eight.
"""

import struct
from collections.abc import Iterator
from typing import Final

_CONSTANTS: Final = (0x61707865, 0x3320646E, 0x79622D32, 0x6B206574)
_LANES: Final = 4
_ROUNDS: Final = 8
_MASK: Final = 0xFFFFFFFF
_COLUMNS: Final = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15))
_DIAGONALS: Final = ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def numbers(seed: bytes) -> Iterator[int]:
    """Yield the first 32 uniform 64-bit numbers for a seed of 32 bytes.

    Go computes four ChaCha blocks at once, keeps them interleaved word by word, and adds back only
    the key words (nobody sees the constants and the counter).
    """
    key = struct.unpack("<8I", seed)
    lanes = [_block(key, counter) for counter in range(_LANES)]
    words = [lane[position] for position in range(16) for lane in lanes]
    for low, high in zip(words[::2], words[1::2], strict=True):
        yield low | high << 32


def _block(key: tuple[int, ...], counter: int) -> list[int]:
    state = [*_CONSTANTS, *key, counter, 0, 0, 0]
    for _ in range(_ROUNDS // 2):
        for quarter in _COLUMNS + _DIAGONALS:
            _quarter_round(state, *quarter)
    for position, word in enumerate(key, start=4):
        state[position] = (state[position] + word) & _MASK
    return state


def _quarter_round(state: list[int], a: int, b: int, c: int, d: int) -> None:
    for first, second, target, shift in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[first] = (state[first] + state[second]) & _MASK
        mixed = state[target] ^ state[first]
        state[target] = (mixed << shift | mixed >> (32 - shift)) & _MASK
