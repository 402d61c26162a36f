"""`tierline requests`: who decides sees what is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.cli.output import Output
from deploy.cli.requests import asked_for, whose

REQUEST = {"sections": ["*"], "copy": False, "original": False, "until": "2026-11-23T12:00:00Z"}


@pytest.mark.parametrize(
    ("more", "en", "zh"),
    [
        ({}, "all of it, to read, until", "全部内容，仅查阅，至"),
        ({"copy": True}, "all of it, with a copy, until", "全部内容，含复制，至"),
        (
            {"original": True, "sections": ["正文", "附件"]},
            "正文, 附件, the original, until",
            "正文, 附件，借阅原件，至",
        ),
        ({"original": True, "copy": True}, "all of it, with a copy, the original", "全部内容，含复制、借阅原件"),
    ],
)
def test_a_copy_is_not_approved_unseen(more: dict[str, Any], en: str, zh: str) -> None:
    """Whoever signs for reading did not sign for taking out: both are said, and until when."""
    told = asked_for(REQUEST | more)
    assert told.en.startswith(en)
    assert told.zh.startswith(zh)


def test_a_keeper_who_is_not_named_is_said_to_be_there() -> None:
    """An asker who may not know whose the file is saw an empty cell, as if the step were nobody's."""
    output = Output("zh", as_json=False)
    step: dict[str, Any] = {"number": None, "act": "consent", "state": "waiting", "people": [], "decided_by": None}
    assert whose(output, step) == "（不公开）"
    # None of a veiled chain is numbered; who is told is told.
    bao = {"person": "bao", "on_behalf_of": None, "stands_in": False}
    assert whose(output, step | {"people": [bao]}) == "bao"


def test_a_delegate_is_told_with_whom_they_decide_for() -> None:
    """A4: three names in a line looked like three people's own word; it is the GM's, or of who stands in."""
    people = [
        {"person": "boss", "on_behalf_of": None, "stands_in": False},
        {"person": "fu", "on_behalf_of": "boss", "stands_in": False},
        {"person": "hu", "on_behalf_of": None, "stands_in": True},
    ]
    step: dict[str, Any] = {"number": 3, "people": people, "decided_by": None, "on_behalf_of": None}
    assert whose(Output("zh", as_json=False), step) == "boss, fu（代 boss）, hu（代行）"
    decided = step | {"decided_by": "fu", "on_behalf_of": "boss"}
    assert whose(Output("en", as_json=False), decided) == "fu for boss"
