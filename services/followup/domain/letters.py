"""A message in one language, before it takes the form of a channel; and how it is cut where a provider limits it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from shared.words import Language

Measure = Callable[[str], int]
"""How much of a provider's limit a piece of text takes; of joined pieces never more than the sum."""

JOINER = "\u200d"


class Line(NamedTuple):
    """A sentence and what stands before it, colon and all; some have no label."""

    label: str
    text: str


class Block(NamedTuple):
    """A customer, or whatever else stands on its own; `link` leads to where it is dealt with."""

    heading: str
    lines: tuple[Line, ...]
    link: str | None = None


class Letter(NamedTuple):
    """What somebody reads, in `language`. `more` names the link of each block, and `link` leads to the whole list."""

    title: str
    lead: str
    blocks: tuple[Block, ...]
    foot: str
    more: str
    link: str | None = None
    language: Language = Language.ZH


class Page(NamedTuple):
    """A part of a letter as a channel sends it: `number` of `of`, title and text, and for mail the same as HTML."""

    number: int
    of: int
    title: str
    text: str
    html: str = ""


def paginate(blocks: Sequence[str], room: int, measure: Measure, joint: str = "\n\n") -> list[str]:
    """Blocks of lines on as few pages as their order allows, none taking more than `room`.

    A block stays whole where it fits on a page, else it is cut between lines, and a line only where it alone is too
    long: then between characters, never before one that belongs to the one ahead of it.
    """
    pages: list[str] = []
    page = ""
    for piece, glue in _pieces(blocks, room, measure, joint):
        joined = f"{page}{glue}{piece}" if page else piece
        if page and measure(joined) > room:
            pages.append(page)
            page = piece
        else:
            page = joined
    return [*pages, page] if page else pages or [""]


def _pieces(blocks: Sequence[str], room: int, measure: Measure, joint: str) -> list[tuple[str, str]]:
    """What is not cut any further, each with what joins it to the piece before."""
    pieces = []
    for block in blocks:
        if measure(block) <= room:
            pieces.append((block, joint))
            continue
        glue = joint
        for line in block.split("\n"):
            for part in _cut(line, room, measure):
                pieces.append((part, glue))
                glue = "\n"
    return pieces


def _cut(line: str, room: int, measure: Measure) -> list[str]:
    parts = []
    while measure(line) > room:
        # The longest beginning that fits; measuring grows with length, so it may be searched for by halves.
        low, high = 1, len(line)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if measure(line[:middle]) <= room else (low, middle - 1)
        at = low
        while at > 1 and _belongs_to_the_one_before(line, at):
            at -= 1
        parts.append(line[:at])
        line = line[at:]
    return [*parts, line]


def _belongs_to_the_one_before(line: str, at: int) -> bool:
    """Whether the character at a place is an accent, a variant or the rest of a joined emoji."""
    here = line[at]
    return (
        unicodedata.combining(here) != 0
        or unicodedata.category(here) in {"Mn", "Me", "Mc"}
        or here == JOINER
        or line[at - 1] == JOINER
        or "\U0001f3fb" <= here <= "\U0001f3ff"
    )
