"""The few elements of SVG that a plot needs, as text."""

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr


def element(name: str, *inside: str, **attributes: str | float) -> str:
    """One element; `class_` is written `class`, and `text_anchor` is `text-anchor`.

    Args:
        name: of the element.
        inside: its children, already SVG.
        attributes: numbers get one decimal, a tenth of a pixel.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(number(value))}"
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"


def text(words: str, x: float, y: float, **attributes: str | float) -> str:
    """A line of text."""
    return element("text", escape(words), x=x, y=y, **attributes)


def title(words: str) -> str:
    """What a browser shows when the pointer rests on the element around it."""
    return element("title", escape(words))


def document(width: float, height: float, style: str, inside: Iterable[str], label: str) -> str:
    """A whole file."""
    return element(
        "svg",
        title(label),
        element("style", style),
        "\n".join(inside),
        xmlns="http://www.w3.org/2000/svg",
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        font_family="system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
    )


def number(value: str | float) -> str:
    """A coordinate, no longer than a screen can show."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
