"""Fitting a comment into what GitHub takes, and saying honestly what was left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ops.delivery.preview.words import fenced

LARGEST = 59_000
"""Bytes of a comment; GitHub takes 65,536 characters."""


@dataclass(frozen=True)
class Section:
    """A part of a comment that may be cut between its rows."""

    head: tuple[str, ...]
    """Lines before the rows."""

    rows: tuple[str, ...]
    """What there is to say; each whole or not at all."""

    noun: str
    """What a row is, in the plural."""

    share: int
    """Bytes that it may take at most when others need room, too."""

    foot: tuple[str, ...] = ()
    """Lines after the rows."""


def listing(
    title: str, columns: Sequence[str], rows: Iterable[str], noun: str, share: int
) -> Section:
    """A table below a title; rows are lines of it."""
    head = ("#### " + title, "", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|")
    return Section(head=head, rows=tuple(rows), noun=noun, share=share)


def row(*cells: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def folded(title: str, blocks: list[str]) -> Section:
    """Blocks of a difference, folded away; the last section, which takes what room is left."""
    first, *body = fenced(blocks, "diff") if blocks else [""]
    return Section(
        head=(f"<details><summary>{title}</summary>", "", first),
        rows=tuple(body[:-1]),
        foot=(*body[-1:], "", "</details>"),
        noun="objects",
        share=LARGEST,
    )


def fitted(sections: Iterable[Section], room: int, elsewhere: str) -> list[str]:
    """The sections one after the other, cut so that all together fit.

    Each gets at most its share, the last what is left; `elsewhere` says where the rest is.
    """
    given = list(sections)
    lines: list[str] = []
    for number, section in enumerate(given):
        is_last = number == len(given) - 1
        shown = _cut(section, room if is_last else min(section.share, room), elsewhere)
        lines += shown
        room -= size(shown)
    return lines


def size(lines: Iterable[str]) -> int:
    """Bytes that lines take, line ends included."""
    return sum(len(line.encode()) + 1 for line in lines)


def _cut(section: Section, room: int, elsewhere: str) -> list[str]:
    if not section.rows:
        return []
    frame = size([*section.head, *section.foot, ""])
    note = f"*{{}} of {len(section.rows)} {section.noun} are not shown; {elsewhere}*"
    room -= frame
    if size(section.rows) <= room:
        return [*section.head, *section.rows, *section.foot, ""]
    room -= size(["", note.format(len(section.rows))])
    kept: list[str] = []
    for row in section.rows:
        room -= size([row])
        if room < 0:
            break
        kept.append(row)
    left_out = note.format(len(section.rows) - len(kept))
    head = section.head if kept or section.foot else ()
    return [*head, *kept, *section.foot, "", left_out, ""]
