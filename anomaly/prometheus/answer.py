"""An answer of a range query: its series, one by one, and what else it says.

An answer may hold millions of samples. As Python objects they would need nearly two hundred bytes
each, so they are cut out of the text and go from there to arrays, a series at a time. What is left
is read as JSON.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomaly.errors import MalformedAnswer

Labels = Mapping[str, str]
Vector = NDArray[np.float64]

MOST_SHOWN = 100
"""Characters of a label that are shown where it is the matter."""

PAIR = rb'\[\s*[\d.eE+-]+\s*,\s*"[^"\\]*"\s*\]'
SAMPLES = re.compile(
    rb'"values"\s*:\s*(\[\s*(?:%(pair)s(?:\s*,\s*%(pair)s)*+)?\s*\])' % {b"pair": PAIR}
)
"""Times and values of a series. Within a text quotes are escaped, so it stands in none."""

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


def take_apart(text: bytes | bytearray, place: Place, keep: Keep) -> Remarks:
    """Hand over the series of an answer that are wanted, and return what else it says.

    Raises:
        MalformedAnswer: it is not the answer of a range query.
    """
    cut: list[slice] = []

    def remember(found: re.Match[bytes]) -> bytes:
        cut.append(slice(*found.span(1)))
        return b'"values":%d' % (len(cut) - 1)

    envelope = _envelope(SAMPLES.sub(remember, text))
    samples, histograms = 0, []
    for series in envelope["data"].get("result") or ():
        labels = labels_of(series)
        where = series.get("values", None if series.get("histograms") else -1)
        if where is not None and not (isinstance(where, int) and 0 <= where < len(cut)):
            raise MalformedAnswer(f"{dict(labels)} has no samples of time and value")
        written = text[cut[where]] if where is not None else b""
        count = max(written.count(b"[") - 1, 0)
        samples += count
        if keep(labels):
            if series.get("histograms"):
                histograms.append(labels)
            if count:
                place(labels, *samples_of(written, labels))
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


def labels_of(series: Any) -> Labels:
    """What tells a series from the others."""
    metric = _mapping(series).get("metric")
    if not isinstance(metric, dict) or not all(isinstance(each, str) for each in metric.values()):
        raise MalformedAnswer("a series has no labels")
    try:
        "".join((*metric, *metric.values())).encode()
    except UnicodeEncodeError:  # half of a pair of surrogates, which JSON can write
        raise MalformedAnswer(f"labels are no text: {ascii(metric)[:MOST_SHOWN]}") from None
    return metric


def samples_of(written: bytes | bytearray, labels: Labels) -> tuple[Vector, Vector]:
    """Times and values of samples."""
    try:
        texts = written.translate(None, b'[]"').split(b",")
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
        times, values = numbers.reshape(-1, 2).T
    except ValueError:
        raise MalformedAnswer(f"samples of {dict(labels)} are no times with values") from None
    if not np.isfinite(times).all():
        raise MalformedAnswer(f"samples of {dict(labels)} have times that are none")
    return times, values


def _envelope(text: bytes | bytearray) -> dict[str, Any]:
    """The answer without its samples."""
    try:
        envelope: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedAnswer(
            "the answer is not JSON, or breaks off; is the URL that of a Prometheus API?"
        ) from None
    data = _mapping(_mapping(envelope).get("data"))
    if not data or envelope.get("status") != "success":
        raise MalformedAnswer("the answer is not that of a Prometheus API")
    if data.get("resultType") != "matrix" or not isinstance(data.get("result") or [], list):
        raise MalformedAnswer(f"the answer is no matrix of series but {data.get('resultType')!r}")
    return dict(envelope)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
