"""PromQL taken apart: whether an expression is right, and which metrics and labels it names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import promql_parser as promql

from vocabulary import metrics, recorded

KNOWN = {**metrics.LABELS, **recorded.LABELS}
_CHILDREN = ("lhs", "rhs", "expr", "param", "vector_selector")


@dataclass(frozen=True)
class Selection:
    """A metric, and the labels that it is chosen by."""

    metric: str
    labels: frozenset[str]


def parsed(expr: str) -> promql.Expr:
    """An expression as a tree; wrong types are an error, too."""
    return promql.parse(expr)


def selections(node: promql.Expr) -> Iterator[Selection]:
    """Every selector in an expression."""
    if isinstance(node, promql.VectorSelector):
        matchers = node.matchers.matchers
        yield Selection(node.name, frozenset(matcher.name for matcher in matchers))
    children = [getattr(node, name, None) for name in _CHILDREN] + [*getattr(node, "args", ())]
    for child in children:
        if child is not None and not isinstance(child, str):
            yield from selections(child)


def grouped_by(expr: str) -> set[str]:
    """Labels that an expression groups, matches or joins by."""
    found = re.findall(r"\b(?:by|on|ignoring|without|group_left|group_right)\s*\(([^)]*)\)", expr)
    return {label.strip() for labels in found for label in labels.split(",") if label.strip()}


def made(expr: str) -> set[str]:
    """Labels that an expression makes itself."""
    return set(re.findall(r',\s*"(\w+)",\s*"\$1"', expr))


def faults(expr: str) -> list[str]:
    """What is wrong with an expression: metrics and labels that nobody exports."""
    there = list(selections(parsed(expr)))
    wrong = [f"{each.metric} is not exported" for each in there if each.metric not in KNOWN]
    for each in there:
        known = {*KNOWN.get(each.metric, ()), *metrics.TARGET_LABELS}
        wrong += [f"{each.metric} has no label {name}" for name in sorted(each.labels - known)]
    labels = {label for each in there for label in KNOWN.get(each.metric, ())}
    labels |= {*metrics.TARGET_LABELS, *made(expr)}
    wrong += [f"no series has a label {name}" for name in sorted(grouped_by(expr) - labels)]
    return wrong
