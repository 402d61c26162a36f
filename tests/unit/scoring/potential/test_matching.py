"""An inquiry finds what it asks for, in Chinese and in English, however it is written."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.potential.matching import Article, Catalogue
from services.scoring.domain.potential.tokens import singular, tokens_of
from shared.policy import load_policy

RULES = load_policy().potential.match
ARTICLES = [
    Article("GW-01", "白瓷盖碗", "茶具", "gaiwan; porcelain gaiwan; lidded bowl"),
    Article("TP-02", "紫砂壶", "茶具", "Yixing teapot; purple clay teapot"),
    Article("TC-03", "Celadon tea cup", "tea ware", "青瓷茶杯；青瓷杯"),
    Article("TR-04", "Bamboo tea tray", "tea ware", "竹茶盘"),
    Article("BX-05", "Gift box with ribbon", "packaging", "礼品盒；礼盒"),
    Article("BG-06", "Paper bag", "packaging", "纸袋；手提袋"),
]
CATALOGUE = Catalogue(ARTICLES, RULES)

INQUIRIES = [
    ("Dear Sirs, we look for 500 porcelain gaiwans, white, with lids.", "GW-01", 1.0),
    ("请报紫砂壶500把的价格，FOB上海。", "TP-02", 1.0),
    ("我们想采购一批青瓷的茶杯，约2000只", "TC-03", 0.6),
    ("Need price for BAMBOO TEA TRAYS, 3 sizes", "TR-04", 1.0),
    ("need yixing tea pots or Yixing teapotts", "TP-02", 0.9),
    ("We want gift boxes for the holidays", "BX-05", 0.5),
    ("Quotation for TP-02 please", "TP-02", 0.0),
    ("Price of GW-01, please", "GW-01", 1.0),
    ("ＰＡＰＥＲ ＢＡＧＳ, 10,000 pcs", "BG-06", 1.0),
    ("需要礼品盒，数量面议", "BX-05", 1.0),
]


@pytest.mark.parametrize(("text", "sku", "least"), INQUIRIES)
def test_an_inquiry_finds_the_article_that_it_asks_for(text: str, sku: str, least: float) -> None:
    """K5: the surest match is the article meant, at least so sure; with plurals, misspellings, widths and numbers."""
    best = CATALOGUE.search(text)[0]
    assert best.sku == sku
    assert best.strength >= least
    assert best.words


@pytest.mark.parametrize(
    "text",
    [
        "Please find attached our brochure of industrial pumps and valves",
        "我们是一家做钢材贸易的公司，想购买热轧卷板",
        "set of with for and the",
        "Buy cheap followers now!!!",
        "",
        "，。！？ 1234 5678",
    ],
)
def test_what_asks_for_nothing_of_ours_finds_nothing(text: str) -> None:
    """K5: no match is better than a weak one."""
    assert CATALOGUE.search(text) == []


def test_a_category_alone_is_worth_less_than_an_article() -> None:
    """K5: by the policy's number; both ways of writing it are found."""
    (match, *_) = CATALOGUE.search("想了解贵司的茶具")
    assert match.strength == float(RULES.category)


def test_rare_words_say_more_than_common_ones() -> None:
    """K5: "celadon" is of one article, "tea" of several: who names the rare word is nearer."""
    rare = {match.sku: match.strength for match in CATALOGUE.search("celadon cups")}
    common = {match.sku: match.strength for match in CATALOGUE.search("tea cups")}
    assert rare["TC-03"] > common["TC-03"]


def test_evidence_names_the_words_as_one_reads_them() -> None:
    """K5: pairs of characters are grown together again."""
    assert [match.words for match in CATALOGUE.search("请报紫砂壶的价格")] == [("紫砂壶",)]


def test_the_empty_catalogue_finds_nothing() -> None:
    """K5: no division by the articles that there are not."""
    assert Catalogue([], RULES).search("anything") == []


words = st.sampled_from(
    ["tea", "cup", "cups", "bamboo", "紫砂", "壶", "茶杯", "box", "x", "99", "Celadón", "的", "ribbon"]
)


@given(st.lists(words, max_size=12), st.randoms(use_true_random=False))
def test_neither_the_order_of_articles_nor_any_text_disturbs(some: list[str], chance: random.Random) -> None:
    """K5: strengths lie within 0 and 1, surest first, and are the same however the catalogue was read."""
    text = " ".join(some)
    found = CATALOGUE.search(text, 10)
    shuffled = list(ARTICLES)
    chance.shuffle(shuffled)
    assert Catalogue(shuffled, RULES).search(text, 10) == found
    strengths = [match.strength for match in found]
    assert strengths == sorted(strengths, reverse=True)
    assert all(float(RULES.least) <= strength <= 1 for strength in strengths)


@given(st.text(max_size=300))
def test_any_text_can_be_searched(text: str) -> None:
    """K5: inquiries come from strangers."""
    CATALOGUE.search(text)


def test_words_of_both_kinds() -> None:
    """K5: pairs of Chinese characters, single ones, folded words of other scripts; numbers stay."""
    assert list(tokens_of("ＴＥＡ紫砂壶 Café vert, 茶 9寸 Čajník boxes")) == [
        "tea", "紫砂", "砂壶", "cafe", "vert", "茶", "寸", "cajnik", "box",
    ]  # fmt: skip
    assert [singular(word) for word in ("berries", "dishes", "glass", "bus", "cups", "gas", "boxes")] == [
        "berry", "dish", "glass", "bus", "cup", "gas", "box",
    ]  # fmt: skip


names = st.lists(words, min_size=1, max_size=3).map(" ".join)


@given(st.lists(names, min_size=1, max_size=15), st.lists(words, max_size=5), st.integers(1, 5))
def test_the_surest_are_the_first_of_all(some: list[str], asked: list[str], most: int) -> None:
    """To look no further than needed leaves nobody out who is as sure, whatever the number that is asked for."""
    catalogue = Catalogue([Article(f"N{number % 3}", name) for number, name in enumerate(some)], RULES)
    text = " ".join(asked)
    assert catalogue.search(text, most) == catalogue.search(text, 1000)[:most]
