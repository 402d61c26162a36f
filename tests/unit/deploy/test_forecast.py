"""A preview as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.cli.forecast import MOST_REPS, show_preview
from deploy.cli.output import Output

KEY, ORDINARY = {"class": "contract", "level": "key"}, {"class": "contract", "level": "ordinary"}


def month(reminders: float, minutes: float) -> dict[str, float]:
    return {"reminders": reminders, "minutes": minutes}


def preview(reps: int, **changed: Any) -> dict[str, Any]:
    """Scoring's answer: `reps` reps whose month changes, and one whose does not."""
    same = {"rep": "calm", "customers": 3, "now": month(3, 24), "then": month(3, 24)}
    busy = [{"rep": f"rep-{n}", "customers": 9, "now": month(9, 72), "then": month(18, 144)} for n in range(reps)]
    return {
        "version": "2026-2",
        "in_force": "2026-1",
        "day": "2026-03-02",
        "customers": 1203,
        "changing": 12,
        "moves": [{"from": ORDINARY, "to": KEY, "customers": 12}],
        "first": [{"customer_id": "C-1", "rep": "rep-0", "from": ORDINARY, "to": KEY}],
        "now": month(1203, 9624),
        "then": month(1300.4, 10403),
        "reps": [*busy, same],
        "next_day": {"day": "2026-03-03", "moves": [{"from": KEY, "to": ORDINARY, "customers": 4}]},
        "refused": [],
        "unforeseen": [],
    } | changed


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["12 of 1203 customers", "C-1", "+97", "10,403", "2026-03-03 then moves 4", "contract · key"]),
        (
            "zh",
            ["1203 个客户中有 12 个级别会变", "C-1", "+97", "10,403", "4 个客户因时间推移变级", "合同客户 · 重点客户"],
        ),
    ],
)
def test_a_preview_is_told_in_both_languages(
    capsys: pytest.CaptureFixture[str], language: str, expected: list[str]
) -> None:
    """Counts, the first customers, the reps' months and the next day."""
    show_preview(preview(2), Output(language, as_json=False))
    said = capsys.readouterr().out
    assert [words for words in expected if words not in said] == []
    assert "rep-1" in said
    assert "calm" not in said


def test_what_stands_in_the_way_and_what_is_not_known_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A refusal and its reason, what cannot be foreseen, and that more reps are left out."""
    words = {"zh": "须保持", "en": "stays"}
    show_preview(preview(MOST_REPS + 3, refused=[words], unforeseen=[words]), Output("en", as_json=False))
    said = capsys.readouterr().out
    assert "It cannot be activated: stays" in said
    assert "Not foreseen: stays" in said
    assert "3 more reps" in said
