"""Letters are cut where a provider limits them, and nothing is lost at the seams."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from services.followup.channels.door import Door, encoded
from services.followup.channels.markdown import in_bytes, in_json
from services.followup.channels.robots import DingTalk, Feishu, Robot, WayIn, WeCom
from services.followup.domain.letters import Block, Letter, Line, paginate
from services.followup.ports.messages import Addressee

SMILE = "👩‍👧"
characters = st.sampled_from([*'abc 客户跟进"\\', "é", SMILE, "👍🏽", "字"])
line_texts = st.lists(characters, max_size=60).map("".join)
blocks = st.lists(st.lists(line_texts, min_size=1, max_size=5).map("\n".join), max_size=8)
measures = st.sampled_from([in_bytes, in_json])
TO = Addressee("ann", None, "ann-1")


def squeezed(text: str) -> str:
    return re.sub(r"\n+", "", text)


@given(blocks, st.integers(40, 200), measures)
def test_pages_hold_everything_in_order_and_fit(blocks: list[str], room: int, measure: object) -> None:
    """Whatever is written, each page is within the room and all of them together say the same."""
    pages = paginate(blocks, room, measure)  # type: ignore[arg-type]
    assert all(measure(page) <= room for page in pages)  # type: ignore[operator]
    assert squeezed("".join(pages)) == squeezed("".join(blocks))


@given(blocks)
def test_what_fits_on_one_page_is_one_page(blocks: list[str]) -> None:
    """No part without need, and never none at all: a message with nothing to say still has its title."""
    assert len(paginate(blocks, 100_000, in_bytes)) == 1


def test_a_block_that_fits_stays_whole() -> None:
    """A customer's lines are not torn apart for the sake of a few bytes."""
    blocks = ["a" * 30, "b" * 30 + "\n" + "b" * 30, "c" * 10]
    assert paginate(blocks, 64, in_bytes) == ["a" * 30, "b" * 30 + "\n" + "b" * 30, "c" * 10]


def test_a_line_that_is_too_long_is_cut_between_characters() -> None:
    """Not within a character's bytes, not between a letter and its accent, not within a joined emoji."""
    for whole in ("e\u0301" * 20, SMILE * 20, "客" * 40):
        pages = paginate([whole], 41, in_bytes)
        assert "".join(pages) == whole
        assert len(pages) > 1
        for page in pages:
            assert unicodedata.combining(page[0]) == 0
            assert page[0] != "\u200d"
            assert page[-1] != "\u200d"


@given(
    st.sampled_from([WeCom, DingTalk, Feishu]),
    st.integers(1, 120),
    st.lists(line_texts, min_size=1, max_size=6),
    st.booleans(),
)
def test_no_robots_page_passes_its_limit(kind: type[Robot], customers: int, lines: list[str], mentioned: bool) -> None:
    """WeCom counts the text's bytes, the others the whole request's, the signature among them."""
    robot = kind("r", WayIn("https://example.invalid/?key=a", "secret", "关键词"), Door())
    block = Block("customer", tuple(Line("why: ", line) for line in lines), "https://example.invalid/x")
    letter = Letter("今日跟进", "lead", (block,) * customers, "foot", "open")
    to = TO if mentioned else Addressee("ann")
    pages = robot.pages(letter, to)
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert {page.of for page in pages} == {len(pages)}
    for page in pages:
        _, sent = robot.signed(robot.payload(page, to))
        size = in_bytes(sent["markdown"]["content"]) if kind is WeCom else len(encoded(sent))
        assert size <= robot.limit
        assert "关键词" in encoded(sent).decode()


def test_a_name_can_be_no_mention_and_no_link() -> None:
    """A customer called `<@all>` does not wake everybody, nor does a remark lead anywhere."""
    letter = Letter("t", "<@all>", (Block("[x](http://evil)", (Line("", '<at id="all"></at>'),)),), "**", "open")
    for kind in (WeCom, DingTalk, Feishu):
        robot = kind("r", WayIn("https://example.invalid/"), Door())
        [page] = robot.pages(letter, Addressee("ann"))
        assert not re.search(r"<@|<at|\]\(http://evil", page.text)
