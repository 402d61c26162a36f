"""A command that was typed wrong is told of in the user's language, in a sentence, whoever found it."""

from __future__ import annotations

import json
import re

import pytest

from deploy.cli.app import main
from deploy.failure import ExitCode
from tests.unit.deploy.test_command import CHINESE

WRONG = [
    ("fil",),
    ("destruction", "list"),
    ("filing", "bogus"),
    ("filing", "list", "--as"),
    ("filing", "list", "--bogus", "x"),
    ("requests", "ask", "customer:C-1", "--as", "qi", "--why", "x", "--until", "tomorrow"),
    ("requests", "ask", "customer:C-1", "--as", "qi", "--whyy", "x"),
    ("requests", "ask", "customer:C-1", "--as", "qi", "--why", "a b", "c", "--until", "2026-03-02T18:00"),
    ("records", "add", "--title"),
    ("records", "attach", "R-1", "no such file"),
    ("records", "attach", "R-1", "/"),
    ("audit", "prove"),
    ("backup", "drill"),
    ("audit", "prove", "abc"),
    ("audit", "prove", "0"),
    ("calendar", "next year"),
    ("reclassify", "decide", "R-1", "x", "perhaps", "--as", "boss", "--reason", "x"),
    ("retention", "extend", "R-1", "--as", "an", "--reason", "x"),
    ("token", "--sub", "li", "--role", "king"),
    ("token", "--sub", "li", "--role", "rep", "--hours", "many"),
]


@pytest.mark.parametrize("typed", WRONG, ids=" ".join)
def test_a_wrong_use_is_told_in_chinese(
    typed: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and where to read on; nothing of formats and types, and nothing in English but what was typed."""
    monkeypatch.setenv("TIERLINE_LANG", "zh")
    with pytest.raises(SystemExit) as left:
        main(typed)
    told = capsys.readouterr().err.splitlines()
    assert left.value.code == ExitCode.USAGE
    assert len(told) == 2
    assert CHINESE.search(told[0])
    assert not re.search(r"%|valid|missing|such|expected|does not", told[0].replace("no such file", ""), re.IGNORECASE)
    assert told[1].startswith("用法见 `tierline")


def test_a_date_is_asked_for_by_an_example(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody but programmers reads `%Y-%m-%d`."""
    monkeypatch.setenv("TIERLINE_LANG", "en")
    with pytest.raises(SystemExit):
        main(["retention", "expiring", "--as", "an", "--before", "1.2.2026", "--json"])
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["what"] == "'--before': '1.2.2026' is not written as 2026-03-02, or there is no such day."
    assert error["next"] == "`tierline retention expiring --help` says how it is used."


def test_a_group_alone_is_answered_by_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever does not know its commands is looking for them."""
    with pytest.raises(SystemExit) as left:
        main(["filing"])
    assert left.value.code == ExitCode.USAGE
    assert "nothing" in capsys.readouterr().err
