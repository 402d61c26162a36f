"""Reps' months as people read them."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.cli.capacity import check_month, show_month, show_move, show_reps
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure


def month(rep: str, over: int = 0, **changed: Any) -> dict[str, Any]:
    """Followup's answer."""
    day = {"contacts": 4, "minutes": 32, "capacity": 30, "over": 2, "put_off": 16, "leave": False}
    return {
        "rep": rep,
        "customers": 12,
        "minutes_a_day": 30,
        "own": False,
        "first": "2026-03-02",
        "last": "2026-03-31",
        "contacts": 40,
        "minutes": 1320,
        "capacity": 780,
        "over": over,
        "days_over": min(over, 9),
        "leave_days": 1,
        "days": [
            {"day": "2026-03-02", **day},
            {"day": "2026-03-03", **day, "capacity": 0, "leave": True, "put_off": None},
        ],
    } | changed


def test_the_overloaded_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    """A manager looks at the top of the list."""
    show_reps([month("ann"), month("bo", over=540), month("cy", over=60)], Output("en", as_json=False))
    told = capsys.readouterr().out
    assert told.index("bo") < told.index("cy") < told.index("ann")
    assert "2026-03-02 to 2026-03-31" in told


@pytest.mark.parametrize(
    ("language", "own", "expected"),
    [
        ("en", False, ["ann: 12 customers, 30 minutes a day by the policy.", "put off", "16", "leave"]),
        ("zh", True, ["ann：客户 12 位，每日 30 分钟（主管设定）。", "顺延", "休假"]),
    ],
)
def test_a_month_is_told_day_by_day_in_both_languages(
    capsys: pytest.CaptureFixture[str], language: str, own: bool, expected: list[str]
) -> None:
    """With leave, what is beyond the capacity, and what waits."""
    show_month(month("ann", own=own), Output(language, as_json=False))
    told = capsys.readouterr().out
    assert [words for words in expected if words not in told] == []


def test_a_move_tells_both_reps_before_and_after(capsys: pytest.CaptureFixture[str]) -> None:
    """A customer that is nobody's has only one."""
    moved = {
        "customer_id": "C-1",
        "from": [month("ann", over=540), month("ann", over=20)],
        "to": [month("bo"), month("bo", minutes=1328)],
    }
    show_move(moved, Output("en", as_json=False))
    told = capsys.readouterr().out
    assert "540 → 20" in told
    assert "1,320 → 1,328" in told
    show_move({**moved, "from": None}, Output("zh", as_json=False))
    told = capsys.readouterr().out
    assert "ann" not in told
    assert "假设转交 C-1（并未转交）" in told


@pytest.mark.parametrize("word", ["2026-13", "2026-3", "March"])
def test_what_is_no_month_is_said(word: str) -> None:
    """Before anybody is asked."""
    with pytest.raises(Failure) as raised:
        check_month(word)
    assert raised.value.code == ExitCode.USAGE
