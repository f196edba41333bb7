"""Fitting a comment into what GitHub takes, and saying honestly what was left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ops.delivery.preview.words import fenced

LARGEST = 59_000
"""Bytes of a comment; GitHub takes 65,536 characters."""


@dataclass(frozen=True)
class Section:
    """A part of a comment that may be cut between its rows."""

    head: Sequence[str]
    """Lines before the rows."""

    rows: Sequence[str]
    """What there is to say; each whole or not at all."""

    noun: str
    """What a row is, in the plural."""

    share: int = LARGEST
    """Bytes that it may take at most when others need room, too."""

    foot: Sequence[str] = ()
    """Lines after the rows."""


def listing(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    noun: str,
    share: int,
    *,
    above: Sequence[str] = (),
) -> Section:
    """A table below a title."""
    lines = [f"| {' | '.join(cells)} |" for cells in (columns, *rows)]
    head = (f"#### {title}", "", *above, lines[0], "|---" * len(columns) + "|")
    return Section(head, lines[1:], noun, share)


def block(
    head: Sequence[str], lines: Sequence[str], noun: str, language: str = "", share: int = LARGEST
) -> Section:
    """Lines as a block of code."""
    first, *body, last = fenced(lines, language)
    return Section((*head, "", first), body, noun, share, (last,))


def folded(title: str, blocks: Sequence[str]) -> Section:
    """Blocks of a difference, folded away; the last section, which takes what room is left."""
    made = block((f"<details><summary>{title}</summary>",), blocks, "objects", "diff")
    return Section(made.head, made.rows, made.noun, foot=(*made.foot, "", "</details>"))


def page(head: Sequence[str], sections: Sequence[Section], run_url: str) -> str:
    """The sections below a head, cut so that all together fit.

    Each gets at most its share, the last what is left; the rest is in the run.
    """
    elsewhere = f"see [the run]({run_url})" if run_url else "see the report of the run"
    lines = [*head, ""]
    for section in sections:
        room = LARGEST - _size(lines)
        is_last = section is sections[-1]
        lines += _cut(section, room if is_last else min(section.share, room), elsewhere)
    return "\n".join(lines).rstrip() + "\n"


def _size(lines: Iterable[str]) -> int:
    """Bytes that lines take, line ends included."""
    return sum(len(line.encode()) + 1 for line in lines)


def _cut(section: Section, room: int, elsewhere: str) -> Sequence[str]:
    if not section.rows:
        return ()
    room -= _size([*section.head, *section.foot, ""])
    if _size(section.rows) <= room:
        return (*section.head, *section.rows, *section.foot, "")
    note = f"*{{}} of {len(section.rows)} {section.noun} are not shown; {elsewhere}*"
    room -= _size(["", note.format(len(section.rows))])
    kept: list[str] = []
    for row in section.rows:
        room -= _size([row])
        if room < 0:
            break
        kept.append(row)
    left_out = note.format(len(section.rows) - len(kept))
    head = section.head if kept or section.foot else ()
    return (*head, *kept, *section.foot, "", left_out, "")
