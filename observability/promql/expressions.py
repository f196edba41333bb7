"""The small change of PromQL: selectors, rates, sums. Texts in, texts out."""

SERVICE = ("destination_service_namespace", "destination_service_name")
"""The labels by which Istio, the detector and our own rules know a service."""

ON_SERVICE = f"on ({', '.join(SERVICE)})"


def is_(label: str, value: str) -> str:
    """Match a label's value."""
    return f'{label}="{value}"'


def is_not(label: str, value: str) -> str:
    """Match every other value of a label."""
    return f'{label}!="{value}"'


def like(label: str, pattern: str) -> str:
    """Match a label's values by a regular expression."""
    return f'{label}=~"{pattern}"'


def unlike(label: str, pattern: str) -> str:
    """Match the values that a regular expression does not."""
    return f'{label}!~"{pattern}"'


def select(metric: str, *matchers: str) -> str:
    """Series of a metric."""
    return f"{metric}{{{', '.join(matchers)}}}" if matchers else metric


def rate(selector: str, window: str) -> str:
    """Increase a second of counters."""
    return f"rate({selector}[{window}])"


def total(expression: str, *by: str) -> str:
    """Sum over all labels but some."""
    return _aggregate("sum", expression, by)


def greatest(expression: str, *by: str) -> str:
    """Maximum over all labels but some."""
    return _aggregate("max", expression, by)


def least(expression: str, *by: str) -> str:
    """Minimum over all labels but some."""
    return _aggregate("min", expression, by)


def count(expression: str, *by: str) -> str:
    """How many series there are."""
    return _aggregate("count", expression, by)


def _aggregate(operator: str, expression: str, by: tuple[str, ...]) -> str:
    grouping = f" by ({', '.join(by)}) " if by else ""
    return f"{operator}{grouping}({expression})"
