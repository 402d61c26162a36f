"""What human resources read in the month's report instead of the audit's codes."""

from __future__ import annotations

import pytest

from services.archive.api.act_words import act_in_words, reason_in_words


@pytest.mark.parametrize(
    ("act", "zh", "en"),
    [
        ("request.approve.refused", "查阅申请批准退回", "request approve refused"),
        ("record.reclassification_requested", "公司档案申请变更", "record reclassification requested"),
        ("profile.exported", "客户档案导出", "profile exported"),
        ("POST /wages/{person}", "办理工资", "POST /wages/{person}"),
        ("GET /filing", "查看归档", "GET /filing"),
        ("/fines/{fine_id}/appeal/decisions", "访问罚款", "/fines/{fine_id}/appeal/decisions"),
        ("moon.landed", "moon landed", "moon landed"),
    ],
)
def test_an_act_is_told_in_words(act: str, zh: str, en: str) -> None:
    """Acts of the rules, routes that refused before a rule was asked, and what is newer than this table."""
    told = act_in_words(act)
    assert (told.zh, told.en) == (zh, en)


def test_a_refusal_is_told_in_words_and_peoples_own_words_are_left_alone() -> None:
    """A reason is a code where a rule refused, and somebody's sentence where somebody decided."""
    assert reason_in_words("no_copy_right").zh == "无权复制或导出"
    assert reason_in_words("no_copy_right").en == "no copy right"
    assert reason_in_words("展会报价_需要").zh == reason_in_words("展会报价_需要").en == "展会报价_需要"
    assert reason_in_words(None).zh == ""
