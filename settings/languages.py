"""Whether a text is one of a language that others run: PromQL, regular expressions, ranges.

A mistake in one of them shows late: a proxy refuses its whole configuration, an experiment is
stopped at once, nothing newer is ever found.
"""

import re
from collections.abc import Iterator

import promql_parser as promql
from pydantic_core import SchemaError, SchemaValidator, core_schema

_CHILDREN = ("lhs", "rhs", "expr", "param", "vector_selector")
_COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}
_VARIABLE = re.compile(r"\$[A-Za-z_{]")
"""What a board fills in before Prometheus is asked."""


def is_promql(text: str) -> bool:
    """Whether a text is PromQL that finds series: no bare number, and no range of samples."""
    try:
        tree = promql.parse(text)
    except ValueError:
        return False
    nodes: list[object] = [*_nodes(tree)]
    is_series = not isinstance(tree, promql.MatrixSelector | promql.SubqueryExpr) and any(
        isinstance(node, promql.VectorSelector) for node in nodes
    )
    is_filled = _VARIABLE.search(text) is None
    return is_series and is_filled and all(map(_is_quantile, nodes))


def is_condition(text: str) -> bool:
    """Whether a text is PromQL that finds nothing as long as all is well."""
    return is_promql(text) and _is_condition(promql.parse(text))


def _is_condition(node: object) -> bool:
    """Whether something must be so for a node to find any series."""
    match node:
        case promql.BinaryExpr():
            sides = [_is_condition(side) for side in (node.lhs, node.rhs)]
            sign = str(node.op)
            if sign in _COMPARISONS and not (node.modifier and node.modifier.return_bool):
                return True
            return sign == "unless" or (all(sides) if sign == "or" else any(sides))
        case promql.VectorSelector():
            return str(node.name).startswith("ALERTS")
        case promql.Call() if node.func.name.startswith("absent"):
            return True
    return any(map(_is_condition, _children(node)))


def _is_quantile(node: object) -> bool:
    """Whether a quantile, if it is one, is a share, of buckets that are still apart."""
    if not isinstance(node, promql.Call) or node.func.name != "histogram_quantile":
        return True
    share, of = node.args
    is_share = not isinstance(share, promql.NumberLiteral) or 0 <= share.val <= 1
    summed = of.modifier if isinstance(of, promql.AggregateExpr) else None
    if summed is None or summed.type != promql.AggModifierType.By:
        return is_share
    return is_share and "le" in summed.labels


def _nodes(node: object) -> Iterator[object]:
    yield node
    for child in _children(node):
        yield from _nodes(child)


def _children(node: object) -> Iterator[object]:
    for child in [getattr(node, name, None) for name in _CHILDREN] + [*getattr(node, "args", ())]:
        if child is not None and not isinstance(child, str):
            yield child


def is_expression(text: str) -> bool:
    """Whether a text is a regular expression of RE2's kind."""
    try:
        SchemaValidator(core_schema.str_schema(pattern=text))
    except SchemaError:
        return False
    return bool(text)


def tells_apart(text: str) -> bool:
    """Whether a text is a regular expression of whom begins so, and not everybody does."""
    if not text.startswith("^") or not is_expression(text):
        return False
    anybody = SchemaValidator(core_schema.str_schema(pattern=text))
    return not any(anybody.isinstance_python(who) for who in ("", "nobody", "https://a.invalid/b"))


_VERSION = r"v?(0|[1-9]\d*|[xX*])(\.(0|[1-9]\d*|[xX*])){0,2}(-[-0-9A-Za-z.]+)?(\+[-0-9A-Za-z.]+)?"
_TERM = rf"(=|!=|>=?|=>|<=?|=<|~>?|\^)?\s*{_VERSION}"
_TERMS = re.compile(rf"({_TERM}|{_VERSION}\s+-\s+{_VERSION})(\s*[,\s]\s*{_TERM})*")


def is_range(text: str) -> bool:
    """Whether a text is a range of versions as Flux reads it."""
    return all(_TERMS.fullmatch(each.strip()) for each in text.split("||"))
