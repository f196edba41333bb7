"""An answer of a range query, while it comes in: its series go to whoever takes them, one by one.

An answer may hold tens of millions of samples. As Python objects they would need nearly two hundred
bytes each, so a series goes from its text to arrays and is gone before the next one; what is kept
is about one series. The rest of the answer is read as JSON.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly.errors import MalformedAnswer

Labels = Mapping[str, str]
Vector = NDArray[np.float64]

MOST_TEXT = 16 * 1024**2
"""Bytes that one series, or what stands around all of them, may have. The longest range query
gives a series of about half a MiB."""

MOST_SHOWN = 100
"""Bytes of a label that are shown where it is the matter."""

RESULT = re.compile(rb'"result"\s*:\s*\[')
# As Prometheus, Mimir, Thanos and VictoriaMetrics write it: labels first, and no space. A quote
# within a string is always escaped, so nothing in a label can look like this.
SERIES = re.compile(rb'\{"metric":(\{(?:[^"{}]|"(?:[^"\\]|\\.)*")*\}),"values":\[(?=\[)')
SEPARATORS = re.compile(rb"[\s,]*")


class Clock:
    """The times of samples. Most series have theirs where the one before had them."""

    def __init__(self) -> None:
        self._texts: list[bytes] = []
        self._times: Vector = np.empty(0)

    def read(self, texts: list[bytes]) -> Vector:
        """Times from what stands before each value: `[1700000000,` or `],[1700000000,`."""
        if texts != self._texts:
            text = b"".join(texts).translate(None, b"[] \t\r\n").replace(b",,", b",")
            self._times = np.fromstring(text, sep=",")
            self._texts = texts
        return self._times


@dataclass(frozen=True)
class Series:
    """A series as it came."""

    labels: Labels
    text: bytes
    """The samples, `[time,"value"],[time,"value"` and so on, without the last bracket."""
    has_histograms: bool = False

    @property
    def length(self) -> int:
        """How many samples there are."""
        return self.text.count(b"[")

    def samples(self, clock: Clock) -> tuple[Vector, Vector]:
        """Times and values."""
        # A third of the time that JSON takes, and a tenth of its memory.
        parts = self.text.split(b'"')
        try:
            values = np.fromiter(map(float, parts[1::2]), np.float64, len(parts) // 2)
            times = clock.read(parts[:-1:2])
        except ValueError:
            raise MalformedAnswer(f"samples of {dict(self.labels)} are no numbers") from None
        if len(times) != len(values) or not np.isfinite(times).all():
            raise MalformedAnswer(f"samples of {dict(self.labels)} are no times with values")
        return times, values


class Text:
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


def head_of(text: Text) -> bytes:
    """Everything up to where the series begin; all of the text when there are none."""
    while True:
        if found := RESULT.search(text.buffer):
            return text.take(found.end())
        if not text.more():
            return b""


def series_of(text: Text) -> Iterator[Series]:
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


def _next(text: Text) -> Series | None:
    """The next series, if it is all there."""
    opening = SERIES.match(text.buffer, text.at)
    if opening is None:
        return _of_any_form(text)
    end = text.buffer.find(b'"]]', opening.end()) + 1
    following = bytes(text.buffer[end + 2 : end + 3])
    if end == 0 or not following:
        return None
    if following != b"}":
        return _of_any_form(text)
    labels = _labels(_decoded(opening[1]))
    text.at = opening.end()
    numbers = text.take(end)
    text.at = end + 3
    return Series(labels, numbers)


def _of_any_form(text: Text) -> Series | None:
    """The next series as a JSON object like any other: spaces, another order, histograms."""
    rest = text.buffer[text.at :].decode("utf-8", "ignore")
    try:
        series, length = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        return None
    except RecursionError:
        raise MalformedAnswer("the answer is nested without end") from None
    text.at += len(rest[:length].encode())
    labels = _labels(series.get("metric"))
    has_histograms = bool(series.get("histograms"))
    values = series.get("values", [] if has_histograms else None)
    if not isinstance(values, list) or not all(map(_is_sample, values)):
        raise MalformedAnswer(f"{dict(labels)} has no samples of time and value")
    return Series(labels, json.dumps(values).encode()[1:-2], has_histograms)


def _decoded(text: bytes) -> Any:
    """A piece of JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        shown = text[:MOST_SHOWN].decode("utf-8", "replace")
        raise MalformedAnswer(f"labels are no JSON: {shown!a}") from None


def _is_sample(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str)  # noqa: PLR2004


def _labels(metric: object) -> Labels:
    if not isinstance(metric, dict) or not all(isinstance(each, str) for each in metric.values()):
        raise MalformedAnswer("a series has no labels")
    try:
        "".join((*metric, *metric.values())).encode()
    except UnicodeEncodeError:  # half of a pair of surrogates, which JSON can write
        raise MalformedAnswer(f"labels are no text: {ascii(metric)[:MOST_SHOWN]}") from None
    return metric


Keep = Callable[[Labels], bool]
Place = Callable[[Labels, Vector, Vector], None]
"""Takes the labels of a series, the epoch seconds of its samples and their values. Series that have
their samples at the same times come with the same array of times."""


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
    text = Text(chunks)
    head = head_of(text)
    clock = Clock()
    samples, histograms = 0, []
    for series in series_of(text) if head else ():
        samples += series.length
        if keep(series.labels):
            if series.has_histograms:
                histograms.append(series.labels)
            if series.length:
                place(series.labels, *series.samples(clock))
    envelope = _envelope(head + text.rest())
    statistics = _mapping(_mapping(envelope["data"].get("stats")).get("samples"))
    looked_at = statistics.get("totalQueryableSamples")
    return Remarks(
        _lines(envelope, "warnings"),
        _lines(envelope, "infos"),
        envelope.get("isPartial") is True,
        samples,
        looked_at if isinstance(looked_at, int) else 0,
        tuple(histograms),
    )


def _envelope(text: bytes) -> dict[str, Any]:
    """The answer without its series."""
    try:
        envelope: Any = json.loads(text)
    except (ValueError, RecursionError):
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
