"""A fine's whole way by the command alone: seen → counted → proposed → explained → confirmed → appealed → settled."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from deploy.cli.client import StackClient
from deploy.failure import ExitCode
from deploy.local.layout import Layout
from shared.roles import Role
from tests.e2e.stacks import Tierline, eventually

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]


@pytest.fixture
def tierline(tmp_path: Path) -> Iterator[Tierline]:
    """A running stack, in March 2026."""
    tierline = Tierline(tmp_path / "data")
    tierline.start("--today", "2026-03-20")
    yield tierline
    tierline.end()


def test_a_fine_goes_its_way_on_the_command_line(tierline: Tierline, tmp_path: Path) -> None:
    """Two latenesses cost 20; the rep explains, human resources confirm, the rep appeals, the GM lifts it."""
    with StackClient(Layout(tierline.data), Role.HR) as client:
        client.post("customers", "/people", {"person": "wang", "role": "rep", "department": "field"})
        client.post("customers", "/people", {"person": "hr-1", "role": "hr"})
    tierline.drain()
    tierline.run("conduct", "report", "wang", "lateness", "--note", "迟到")
    tierline.run("conduct", "report", "wang", "lateness", "--note", "又迟到")
    (fine,) = eventually(lambda: tierline.run("fines", "list", "--person", "wang"), "a fine is proposed")
    assert (fine["kind"], fine["amount"], fine["state"]) == ("lateness", "20.00", "proposed")
    which = fine["fine_id"]

    tierline.run("fines", "explain", which, "--as", "wang", "--reason", "公交停运")
    refused = tierline.run("fines", "decide", which, "waived", "--as", "wang", "--reason", "?", expect=ExitCode.NOT_SO)
    assert refused["error"]["what"]
    tierline.run("fines", "decide", which, "confirmed", "--as", "hr-1", "--reason", "未提前报告")
    tierline.run("fines", "decide", which, "lost", "--as", "hr-1", "--reason", "?", expect=ExitCode.USAGE)
    (line,) = tierline.run("statement", "show", "2026-03")["lines"]
    assert (line["fine"]["fine_id"], line["due"]) == (which, "20.00")
    tierline.run("statement", "close", "2026-03", "--as", "hr-1", expect=ExitCode.NOT_SO)

    tierline.run("fines", "appeal", which, "--as", "wang", "--reason", "有凭证")
    lifted = tierline.run("fines", "judge", which, "lifted", "--as", "boss", "--reason", "凭证属实")
    assert lifted["state"] == "lifted"
    whole = tierline.run("fines", "show", which)
    assert [step["state"] for step in whole["steps"]] == ["answered", "confirmed", "appealed", "lifted"]
    assert [posting["due"] for posting in whole["postings"]] == ["20.00", "-20.00"]

    tierline.run("wages", "set", "wang", "1000", "--from", "2026-01", "--reason", "入职", "--as", "hr-1")
    assert [wage["amount"] for wage in tierline.run("wages", "list", "wang")] == ["1000.00"]
    assert tierline.run("fines", "gaps") == []
    file = tmp_path / "march.xlsx"
    tierline.run("statement", "report", "2026-03", str(file))
    assert len(CalamineWorkbook.from_filelike(io.BytesIO(file.read_bytes())).sheet_names) == 6
    assert tierline.run("audit", "verify")["verified"]
