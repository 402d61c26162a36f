"""What a rep is told of a contact that is due."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.followup.domain.asking import FIELDS, asked, fields
from services.followup.domain.cadence import Pace
from services.followup.domain.customer import ALL_GAPS, Dossier, Facts, Fall
from services.followup.domain.due import Due
from services.followup.domain.feasts import Feast
from services.followup.domain.matters import Matter
from services.followup.domain.schedule import Line
from services.followup.domain.words import CLASSES, LEVELS, why
from shared.words import Text
from tests.unit.followup.strategies import DAY, PACES, POLICY, TODAY, Rank, known, standing
from tests.unit.followup.strategies import LEVELS as RANKS


@pytest.mark.parametrize(
    ("rank", "facts", "line", "zh", "en"),
    [
        (
            ("sample", "middle_east"),
            known(sample=("delivered", TODAY - 2 * DAY), contacted_on=TODAY - DAY),
            "F2.delivered",
            "寄样客户（中东）：上次联系在 1 天前；尚未下单；样品 2 天前送达；按 F2 每 2 天跟进一次。",
            (
                "Sample customer, Middle East: last contact 1 day ago; no order yet; sample arrived 2 days ago; "
                "F2 asks for a contact every 2 days."
            ),
        ),
        (
            ("sample", "asia_africa"),
            known(sample=("confirming", TODAY - DAY)),
            "F2.confirming",
            "寄样客户（亚非）：尚无联系记录；尚未下单；样品 1 天前下单，待确认；按 F2 每天跟进一次。",
            (
                "Sample customer, Asia and Africa: no contact on record; no order yet; sample ordered 1 day ago; "
                "F2 asks for a contact every day."
            ),
        ),
        (
            ("potential", "high"),
            known(),
            "F3",
            "潜力客户（重潜）：尚无联系记录；尚未下单；按 F3 每 2 个月跟进一次，须有跟进方案。",
            (
                "Potential customer, high potential: no contact on record; no order yet; "
                "F3 asks for a contact every 2 months, with a written plan."
            ),
        ),
    ],
)
def test_a_reminder_reads_as_a_sentence(rank: Rank, facts: Facts, line: str, zh: str, en: str) -> None:
    """Each class in its own words, in both languages."""
    assert said(rank, facts, line, TODAY) == (zh, en)


def said(rank: Rank, facts: Facts, line: str, due_on: date) -> tuple[str, str]:
    """The whole words of the reminder of a line."""
    level = standing(*rank)
    [pace] = [pace for pace in PACES.owed(facts, level) if pace.line == line]
    words = why(facts, level, asked(due(pace, facts, due_on), POLICY, due_on), due_on, due_on)
    return words.zh, words.en


def due(  # noqa: PLR0913 - what a due line is made of
    pace: Pace | None,
    facts: Facts,
    due_on: date = TODAY,
    latest_on: date | None = None,
    *,
    about: Feast | Fall | None = None,
    name: str | None = None,
) -> Due:
    """A line that is due."""
    assert pace is not None
    line = Line(pace.line, pace.every, TODAY, None, due_on, "", name)
    matter = None if pace.by_clock else Matter(due_on, due_on, latest_on, about=about)
    return Due("C-1", facts, standing("contract", "key"), line, pace, due_on, due_on, matter, latest_on)


RHYTHMS = [
    (
        34,
        6,
        date(2026, 3, 14),
        "通常每 34±6 天采购一次，预计 3 月 14 日",
        "usually buys every 34 ± 6 days; due around 14 March",
    ),
    (30, 0, date(2026, 3, 9), "通常每 30 天采购一次，预计 3 月 9 日", "usually buys every 30 days; due around 9 March"),
    (
        9,
        1,
        date(2026, 3, 3),
        "通常每 9±1 天采购一次，预计 3 月 3 日",
        "usually buys every 9 ± 1 days; due around 3 March",
    ),
    (1, 0, date(2026, 3, 3), "通常每天采购一次，预计 3 月 3 日", "usually buys every day; due around 3 March"),
    (
        360,
        9,
        date(2027, 1, 2),
        "通常每 360±9 天采购一次，预计 2027 年 1 月 2 日",
        "usually buys every 360 ± 9 days; due around 2 January 2027",
    ),
]


@pytest.mark.parametrize(("days", "spread", "expected", "zh", "en"), RHYTHMS)
def test_the_usual_purchase_is_told_with_its_spread(days: int, spread: int, expected: date, zh: str, en: str) -> None:
    """F1: how often, how regular, and around when; the year where it is another, and no "± 0"."""
    pace = PACES.by_level["contract", "key"][1]
    facts = known(orders=6, last_order_on=expected - days * DAY, rhythm=(6, days, spread))
    words = asked(due(pace, facts, TODAY, expected), POLICY, TODAY)
    assert (words.zh, words.en) == (f"{zh}前后下单（F1）", f"{en} (F1)")


FILES = [
    (("phone",), TODAY - 24 * DAY, "电话；上次完善在 24 天前", "phone; last improved 24 days ago"),
    (
        ("name", "own_field"),
        TODAY - DAY,
        "名称、own_field；上次完善在 1 天前",
        "name and own_field; last improved 1 day ago",
    ),
    (
        ALL_GAPS,
        None,
        "名称、国家、行业、地址、电话、采购负责人；尚未填写",
        "name, country, industry, address, phone and buyer; nothing was filled in yet",
    ),
]


@pytest.mark.parametrize(("gaps", "improved_on", "zh", "en"), FILES)
def test_a_stale_file_tells_what_is_missing_until_when_and_what_it_costs(
    gaps: tuple[str, ...], improved_on: date | None, zh: str, en: str
) -> None:
    """P2, N1: names of fields, never what stands in them."""
    facts = known(dossier=Dossier("CN", improved_on, gaps))
    words = asked(due(PACES.file, facts, TODAY, TODAY + 7 * DAY), POLICY, TODAY)
    assert words.zh == f"档案缺少：{zh}；须于 3 月 9 日前完善（P2），逾期每次罚款 20 元（N1）"
    assert words.en == f"the file lacks {en}; to be improved by 9 March (P2), or it costs 20 CNY (N1)"


OTHERS = [
    (
        due(PACES.report, known(dossier=Dossier(given_on=date(2026, 2, 9))), TODAY, date(2026, 3, 9)),
        "受保护的准客户，上次进展在 21 天前，须于 3 月 9 日前有新进展（O2）",
        "a protected prospect, last progress 21 days ago; the next is due by 9 March (O2)",
    ),
    (
        due(PACES.protection, known(), TODAY, date(2026, 3, 16)),
        "保护期 3 月 16 日到期，届时没有意向单，其他业务员即可申请（O2）",
        "the protection ends on 16 March: with no order of intent by then others may apply (O2)",
    ),
    (
        due(PACES.fall, known(), about=Fall(1, TODAY, TODAY, TODAY, "若不下单将降级。", "It falls without an order.")),
        "若不下单将降级（K6）",
        "It falls without an order (K6)",
    ),
    (
        due(
            PACES.occasions["potential"][0],
            known(),
            about=Feast(date(2026, 3, 20), "eid_al_fitr", Text(zh="开斋节", en="Eid al-Fitr")),
        ),
        "3 月 20 日是开斋节，请致节日问候（F6）",
        "Eid al-Fitr is on 20 March: a greeting is due (F6)",
    ),
    (
        due(PACES.news, known(), name='{"zh": "青花杯", "en": "Blue cup"}'),
        "新品推出：青花杯，请重点推荐（F6）",
        "a new product is out, worth recommending: Blue cup (F6)",
    ),
]


@pytest.mark.parametrize(("contact", "zh", "en"), OTHERS)
def test_each_kind_of_reminder_says_why_now(contact: Due, zh: str, en: str) -> None:
    """O2, K6, F6: what is coming and when; a full stop of scoring's own words is left for the end."""
    words = asked(contact, POLICY, TODAY)
    assert (words.zh, words.en) == (zh, en)


@given(names=st.lists(st.sampled_from([*FIELDS, "own"]), min_size=1, max_size=6))
def test_a_list_of_fields_names_each_in_its_order(names: list[str]) -> None:
    """One; one and another; one, another and a third."""
    words = fields(names)
    *most, last = [FIELDS[name].en if name in FIELDS else name for name in names]
    assert words.en == (", ".join(most) + " and " + last if most else last)
    assert words.zh.count("、") == len(names) - 1


def test_every_class_and_level_has_its_words() -> None:
    """A level without words would cost its customers their reminders."""
    assert {rank[0] for rank in RANKS} == set(CLASSES)
    assert {rank[1] for rank in PACES.by_level} <= set(LEVELS)
    assert {rank[1] for rank in RANKS} <= set(LEVELS)
