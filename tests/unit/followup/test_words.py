"""What a rep is told of a contact that is due."""

from __future__ import annotations

import pytest

from services.followup.domain.customer import Facts
from services.followup.domain.words import CLASSES, LEVELS, why
from tests.unit.followup.strategies import DAY, PACES, TODAY, Rank, known, standing
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
        (
            ("contract", "lapsed"),
            known(orders=3, last_order_on=TODAY, contacted_on=TODAY - 400 * DAY),
            "F1.purchase",
            "合同客户（沉没）：上次联系在 400 天前；上次下单在今天；按 F1 在惯常采购日之前跟进。",
            (
                "Contract customer, lapsed: last contact 400 days ago; last order today; "
                "F1 asks for a contact ahead of the usual purchase date."
            ),
        ),
    ],
)
def test_a_reminder_reads_as_a_sentence(rank: Rank, facts: Facts, line: str, zh: str, en: str) -> None:
    """Each class in its own words, in both languages."""
    level = standing(*rank)
    [pace] = [pace for pace in PACES.owed(facts, level) if pace.line == line]
    words = why(facts, level, pace, TODAY, TODAY)
    assert (words.zh, words.en) == (zh, en)


def test_every_class_and_level_has_its_words() -> None:
    """A level without words would cost its customers their reminders."""
    assert {rank[0] for rank in RANKS} == set(CLASSES)
    assert {rank[1] for rank in PACES.by_level} <= set(LEVELS)
    assert {rank[1] for rank in RANKS} <= set(LEVELS)
