"""An answer of a range query, taken apart while it comes in.

An answer may hold tens of millions of samples. As Python objects they would need a hundred bytes
each, so every series goes from its text to an array and on to whoever takes it, and is gone before
the next one; what is kept is about one series. The rest of the answer is ordinary JSON.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from anomaly.errors import MalformedAnswer
from anomaly.windows import Matrix

Labels = Mapping[str, str]
Keep = Callable[[Labels], bool]
Place = Callable[[Labels, Matrix], None]
"""Takes the labels of a series and its samples, (samples, 2): epoch seconds and value."""

MOST_TEXT = 16 * 1024**2
"""Bytes that one series, or what stands around all of them, may have. The longest range query
gives a series of about half a MiB."""

RESULT = re.compile(rb'"result"\s*:\s*\[')
# As Prometheus, Mimir, Thanos and VictoriaMetrics write it: labels first, and no space. A quote
# within a string is always escaped, so nothing in a label can look like this.
SERIES = re.compile(rb'\{"metric":(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}),"values":\[(?=\[)')
SEPARATORS = re.compile(rb"[\s,]*")


@dataclass(frozen=True)
class Remarks:
    """What an answer says beside its series."""

    warnings: tuple[str, ...]
    """What the server warns of."""

    infos: tuple[str, ...]
    """What it remarks."""

    partial: bool
    """Whether it says that the answer is not complete."""

    samples: int
    """Samples that came."""

    queryable_samples: int
    """Samples that the server looked at; 0 when it does not tell."""

    histograms: tuple[Labels, ...]
    """Series that are, at least in part, native histograms; no numbers to be judged."""


def take_apart(chunks: Iterator[bytes], place: Place, keep: Keep) -> Remarks:
    """Hand over the series of an answer that are wanted, and return what else it says.

    Args:
        chunks: the answer's text.
        place: is called once for each of them, in their order.
        keep: says of the labels of a series whether it is wanted.

    Raises:
        MalformedAnswer: it is not the answer of a range query.
    """
    text = _Text(chunks)
    head = _head(text)
    samples, histograms = 0, []
    for series in _series(text) if head else ():
        samples += series.length
        if keep(series.labels):
            if series.has_histograms:
                histograms.append(series.labels)
            if series.length:
                place(series.labels, series.samples())
    envelope = _envelope(head + text.rest())
    statistics = _mapping(_mapping(envelope["data"].get("stats")).get("samples"))
    return Remarks(
        _lines(envelope, "warnings"),
        _lines(envelope, "infos"),
        envelope.get("isPartial") is True,
        samples,
        int(statistics.get("totalQueryableSamples") or 0),
        tuple(histograms),
    )


@dataclass(frozen=True)
class _Series:
    """A series as it came."""

    labels: Labels
    text: bytes
    """The samples as they came, `[time,"value"],[time,"value"`..., without the last bracket."""
    has_histograms: bool = False

    @property
    def length(self) -> int:
        """How many samples there are."""
        return self.text.count(b"[")

    def samples(self) -> Matrix:
        """The samples as numbers."""
        try:
            numbers = np.fromstring(self.text.translate(None, b'[]" \t\r\n'), sep=",")
        except ValueError:
            raise MalformedAnswer(f"samples of {dict(self.labels)} are no numbers") from None
        if len(numbers) != 2 * self.length or not np.isfinite(numbers[::2]).all():
            raise MalformedAnswer(f"samples of {dict(self.labels)} are no times with values")
        return numbers.reshape(-1, 2)


class _Text:
    """What came in so far and was not taken yet."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.buffer = bytearray()
        self.at = 0
        """Where what was not taken begins."""

    def more(self) -> bool:
        """Wait for more; False at the end."""
        chunk = next(self._chunks, b"")
        del self.buffer[: self.at]
        self.at = 0
        self.buffer += chunk
        if len(self.buffer) > MOST_TEXT:
            raise MalformedAnswer(
                f"the answer has no series in {MOST_TEXT} bytes; is the URL right?"
            )
        return bool(chunk)

    def take(self, end: int) -> bytes:
        """What lies before a place in the buffer."""
        taken = bytes(self.buffer[self.at : end])
        self.at = end
        return taken

    def rest(self) -> bytes:
        """All that is left."""
        while self.more():
            pass
        return self.take(len(self.buffer))


def _head(text: _Text) -> bytes:
    """Everything up to where the series begin; all of the text when there are none."""
    while True:
        if found := RESULT.search(text.buffer):
            return text.take(found.end())
        if not text.more():
            return b""


def _series(text: _Text) -> Iterator[_Series]:
    """One series after the other."""
    while True:
        if found := SEPARATORS.match(text.buffer, text.at):
            text.at = found.end()
        following = bytes(text.buffer[text.at : text.at + 1])
        if following == b"{":
            if series := _next(text):
                yield series
                continue
        elif following:
            return  # the end of all series, or no JSON; what follows will tell
        if not text.more():
            return


def _next(text: _Text) -> _Series | None:
    """The next series, if it is all there."""
    opening = SERIES.match(text.buffer, text.at)
    if opening is None:
        return _of_any_form(text)
    end = text.buffer.find(b"]]", opening.end())
    following = bytes(text.buffer[end + 2 : end + 3])
    if end < 0 or not following:
        return None
    if following != b"}":
        return _of_any_form(text)
    labels = _labels(json.loads(opening[1]))
    text.at = opening.end()
    numbers = text.take(end)
    text.at = end + 3
    return _Series(labels, numbers)


def _of_any_form(text: _Text) -> _Series | None:
    """The next series as a JSON object like any other: spaces, another order, histograms."""
    rest = text.buffer[text.at :].decode("utf-8", "ignore")
    try:
        series, length = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        return None
    text.at += len(rest[:length].encode())
    labels = _labels(series.get("metric"))
    has_histograms = bool(series.get("histograms"))
    values = series.get("values", [] if has_histograms else None)
    if not isinstance(values, list) or not all(isinstance(pair, list) for pair in values):
        raise MalformedAnswer(f"{dict(labels)} has no samples")
    return _Series(labels, json.dumps(values).encode()[1:-2], has_histograms)


def _labels(metric: object) -> Labels:
    if not isinstance(metric, dict) or not all(isinstance(each, str) for each in metric.values()):
        raise MalformedAnswer("a series has no labels")
    return metric


def _envelope(text: bytes) -> dict[str, Any]:
    """The answer without its series."""
    try:
        envelope: Any = json.loads(text)
    except ValueError:
        raise MalformedAnswer(
            "the answer is not JSON, or breaks off; is the URL that of a Prometheus API?"
        ) from None
    data = envelope.get("data") if isinstance(envelope, dict) else None
    if not isinstance(data, dict) or envelope.get("status") != "success" or data.get("result"):
        raise MalformedAnswer("the answer is not that of a Prometheus API")
    if data.get("resultType") != "matrix":
        raise MalformedAnswer(f"the answer is no matrix of series but {data.get('resultType')!r}")
    return dict(envelope)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _lines(envelope: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The texts under a key; whatever else stands there is shown as it is."""
    found = envelope.get(key) or []
    several: Sequence[object] = found if isinstance(found, list) else [found]
    return tuple(str(each) for each in several)
