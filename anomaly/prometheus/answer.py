"""An answer of a range query, while it comes in: its series go to whoever takes them, one by one.

An answer may hold tens of millions of samples. As Python objects they would need nearly two hundred
bytes each, so a series goes from its text to arrays and is gone before the next one; what is kept
is about one series. The rest of the answer is read as JSON.
"""

import gc
import json
import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly.errors import MalformedAnswer

Labels = Mapping[str, str]
Vector = NDArray[np.float64]

MOST_TEXT = 16 * 1024**2
"""Characters that one series, or what stands around all of them, may have. The longest range query
gives a series of about half a million."""

LEAST_TEXT = 256 * 1024
"""Characters that are waited for before it is tried once more whether a series is all there."""

MOST_SHOWN = 100
"""Characters of a label that are shown where it is the matter."""

RESULT = re.compile(r'"result"\s*:\s*\[')
SEPARATORS = re.compile(r"[\s,]*")
JSON = json.JSONDecoder()


class Text:
    """What came in so far and was not taken yet."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._decoder = getincrementaldecoder("utf-8")()
        self.buffer = ""
        self.at = 0
        """Where what was not taken begins."""

    def more(self) -> bool:
        """Wait for as much again, at least; False at the end."""
        parts = [self.take(len(self.buffer))]
        wanted = max(len(parts[0]), LEAST_TEXT)
        for chunk in self._chunks:
            try:
                parts.append(self._decoder.decode(chunk))
            except UnicodeDecodeError:
                raise MalformedAnswer("the answer is no text in UTF-8") from None
            wanted -= len(chunk)
            if wanted <= 0:
                break
        self.buffer, self.at = "".join(parts), 0
        if len(self.buffer) > MOST_TEXT:
            raise MalformedAnswer(
                f"the answer has no series in {MOST_TEXT} bytes; is the URL right?"
            )
        return len(parts) > 1

    def take(self, end: int) -> str:
        """What lies before a place in the buffer."""
        taken = self.buffer[self.at : end]
        self.at = end
        return taken


def head_of(text: Text) -> str:
    """Everything up to where the series begin; all of the text when there are none."""
    while text.more():
        if found := RESULT.search(text.buffer):
            return text.take(found.end())
    return ""


def series_of(text: Text) -> Iterator[Any]:
    """One series after the other, as JSON."""
    while True:
        if found := SEPARATORS.match(text.buffer, text.at):
            text.at = found.end()
        following = text.buffer[text.at : text.at + 1]
        if following not in ("", "{"):
            return  # the end of all series, or no JSON; what follows will tell
        try:
            series, text.at = JSON.raw_decode(text.buffer, text.at)
        except RecursionError:
            raise MalformedAnswer("the answer is nested without end") from None
        except ValueError:  # it is not all there
            if not text.more():
                return
        else:
            yield series


def labels_of(series: Mapping[str, Any]) -> Labels:
    """What tells a series from the others."""
    metric = series.get("metric")
    if not isinstance(metric, dict) or not all(isinstance(each, str) for each in metric.values()):
        raise MalformedAnswer("a series has no labels")
    try:
        "".join((*metric, *metric.values())).encode()
    except UnicodeEncodeError:  # half of a pair of surrogates, which JSON can write
        raise MalformedAnswer(f"labels are no text: {ascii(metric)[:MOST_SHOWN]}") from None
    return metric


def samples_of(values: Sequence[Any], labels: Labels) -> tuple[Vector, Vector]:
    """Times and values of samples."""
    try:
        at, texts = zip(*values, strict=True)
        times = np.array(at, np.float64)
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
    except (OverflowError, TypeError, ValueError):
        raise MalformedAnswer(f"samples of {dict(labels)} are no times with values") from None
    if not np.isfinite(times).all():
        raise MalformedAnswer(f"samples of {dict(labels)} have times that are none")
    return times, numbers


Keep = Callable[[Labels], bool]
Place = Callable[[Labels, Vector, Vector], None]
"""Takes the labels of a series, the epoch seconds of its samples and their values."""


@dataclass(frozen=True)
class Remarks:
    """What an answer says beside its series."""

    warnings: tuple[str, ...]
    partial: bool
    """Whether it says that the answer is not complete."""

    samples: int
    queryable_samples: int
    """Samples that the server looked at; 0 when it does not tell."""

    histograms: tuple[Labels, ...]
    """Series that are, at least in part, native histograms; no numbers to be judged."""


def take_apart(chunks: Iterator[bytes], place: Place, keep: Keep) -> Remarks:
    """Hand over the series of an answer that are wanted, and return what else it says.

    Raises:
        MalformedAnswer: it is not the answer of a range query.
    """
    text = Text(chunks)
    head = head_of(text)
    samples, histograms = 0, []
    with _no_collection():
        for series in series_of(text) if head else ():
            labels = labels_of(series)
            values = series.get("values", [] if series.get("histograms") else None)
            if not isinstance(values, list):
                raise MalformedAnswer(f"{dict(labels)} has no samples of time and value")
            samples += len(values)
            if keep(labels):
                if series.get("histograms"):
                    histograms.append(labels)
                if values:
                    place(labels, *samples_of(values, labels))
    while text.more():
        pass
    envelope = _envelope(head + text.take(len(text.buffer)))
    statistics = _mapping(_mapping(envelope["data"].get("stats")).get("samples"))
    looked_at = statistics.get("totalQueryableSamples")
    warned = envelope.get("warnings") or []
    return Remarks(
        tuple(map(str, warned if isinstance(warned, list) else [warned])),
        envelope.get("isPartial") is True,
        samples,
        looked_at if isinstance(looked_at, int) else 0,
        tuple(histograms),
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no cycles among samples: there are none, and looking takes half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _envelope(text: str) -> dict[str, Any]:
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
