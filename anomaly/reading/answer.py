"""An answer of a range query: its series go to whoever takes them, the rest is read as JSON."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anomaly.errors import MalformedAnswer
from anomaly.reading.incoming import Clock, Labels, Text, Vector, head_of, series_of

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
