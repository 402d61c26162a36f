"""Letters as the robots' markdown: what all three of them understand, and nothing that a name could smuggle in."""

from __future__ import annotations

import json
from collections.abc import Sequence

from services.followup.domain.letters import Block, Letter, Line, Measure, Page, paginate

# Of these a customer's id or a remark could make a link, a mention of everybody, or bold.
HARMLESS = str.maketrans(
    {"<": "＜", ">": "＞", "[": "［", "]": "］", "*": "＊", "`": "'", "\\": "＼", "\r": " ", "\n": " ", "\t": " "}
)
WIDEST_NUMBER = " (999/999)"


def plain(text: str) -> str:
    """Text that markdown leaves as it is."""
    return text.translate(HARMLESS)


def block_text(block: Block, more: str) -> str:
    """A block in lines."""
    lines = [f"**{plain(block.heading)}**"] if block.heading else []
    lines += [line_text(line) for line in block.lines]
    if block.link is not None:
        lines.append(f"[{plain(more)}]({block.link})")
    return "\n".join(lines)


def line_text(line: Line) -> str:
    """A labelled sentence."""
    return plain(line.label) + plain(line.text)


def blocks_of(letter: Letter) -> list[str]:
    """The whole letter but for its title."""
    whole = [plain(letter.lead), *(block_text(block, letter.more) for block in letter.blocks)]
    foot = plain(letter.foot)
    if letter.link is not None:
        foot = f"{foot}\n[{plain(letter.more)}]({letter.link})" if foot else f"[{plain(letter.more)}]({letter.link})"
    return [block for block in (*whole, foot) if block]


def markdown_pages(letter: Letter, room: int, measure: Measure, joint: str = "\n\n") -> list[Page]:
    """The letter on numbered pages whose texts take at most `room`, titles not counted."""
    return numbered(letter.title, paginate(blocks_of(letter), room, measure, joint))


def numbered(title: str, texts: Sequence[str]) -> list[Page]:
    """Pages with their number in the title where there are several."""
    of = len(texts)
    return [
        Page(number, of, title if of == 1 else f"{title} ({number}/{of})", text)
        for number, text in enumerate(texts, start=1)
    ]


def in_bytes(text: str) -> int:
    """UTF-8, as the robots count."""
    return len(text.encode())


def in_json(text: str) -> int:
    """UTF-8 inside a JSON string: quotes, backslashes and line ends take two bytes."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2
