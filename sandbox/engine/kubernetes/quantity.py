"""Kubernetes quantities (``500m``, ``0.5Gi``) in the form in which the API server returns them."""

import re
from fractions import Fraction
from typing import Final

_FORM: Final = re.compile(
    r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?P<unit>[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+|)"
)
_DECIMAL: Final = {"n": -3, "u": -2, "m": -1, "": 0, "k": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
_BINARY: Final = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_KIBI: Final = 1024
_NANO: Final = Fraction(1, 10**9)


def canonical(text: str) -> str:
    """Write a quantity as the API server does; text that is no quantity stays as it is."""
    match = _FORM.fullmatch(text)
    if match is None:
        return text
    number, unit = Fraction(match["number"]), match["unit"]
    if unit in _BINARY:
        value = number * _KIBI ** _BINARY[unit]
        # Fractions of bytes have no binary form; below 1 Ki the server writes plain numbers.
        if value.denominator == 1 and abs(value) >= _KIBI:
            return _binary(int(value))
        return _decimal(value)
    if unit in _DECIMAL:
        return _decimal(number * Fraction(1000) ** _DECIMAL[unit])
    return _exponent(number * Fraction(10) ** int(unit[1:]), unit[0])


def _binary(value: int) -> str:
    power = 0
    while value % _KIBI == 0 and value != 0 and power < len(_BINARY):
        value //= _KIBI
        power += 1
    unit = next((name for name, exponent in _BINARY.items() if exponent == power), "")
    return f"{value}{unit}"


def _decimal(value: Fraction) -> str:
    whole, power = _mantissa(value)
    unit = next(name for name, exponent in _DECIMAL.items() if exponent == power)
    return f"{whole}{unit}"


def _exponent(value: Fraction, letter: str) -> str:
    whole, power = _mantissa(value)
    return f"{whole}{letter}{power * 3}" if power else str(whole)


def _mantissa(value: Fraction) -> tuple[int, int]:
    """Return a whole number and a power of 1000; finer than a billionth is rounded up."""
    nanos = -(-value // _NANO)
    power = _DECIMAL["n"]
    while nanos % 1000 == 0 and nanos != 0 and power < _DECIMAL["E"]:
        nanos //= 1000
        power += 1
    return int(nanos), (power if nanos else 0)
