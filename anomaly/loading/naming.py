"""What the name of a series in a file says of its labels."""

from collections.abc import Mapping

from anomaly import selector


def labels_of(name: str) -> Mapping[str, str]:
    """The labels of a name that is a selector; of any other, the name as `series`."""
    try:
        _, labels = selector.parse(name)
    except ValueError:
        labels = {}
    return labels or {"series": name}
