"""On a running stack, by the command alone: leave → handed over → reviewed; filed → held → destroyed → registered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.client import StackClient
from deploy.failure import ExitCode
from deploy.local.layout import Layout
from shared.roles import Role
from tests.e2e.stacks import Tierline, eventually

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]

PEOPLE = {
    "li": "rep", "wang": "rep", "chen": "department_manager", "an": "archivist", "head": "gm_office_head", "boss": "gm",
}  # fmt: skip


@pytest.fixture
def tierline(tmp_path: Path) -> Iterator[Tierline]:
    """A running stack in April, when the first quarter is filed, with its people."""
    tierline = Tierline(tmp_path / "data")
    tierline.start("--today", "2026-04-20")
    with StackClient(Layout(tierline.data), Role.HR) as client:
        for person, role in PEOPLE.items():
            department = "field" if role in {"rep", "department_manager"} else None
            client.post("customers", "/people", {"person": person, "role": role, "department": department})
    tierline.drain()
    yield tierline
    tierline.end()


def tasks(tierline: Tierline, person: str) -> set[str]:
    return {task["kind"].partition(".2")[0] for task in tierline.run("tasks", "--as", person)}


def test_somebody_leaves_and_a_record_is_destroyed(tierline: Tierline, tmp_path: Path) -> None:
    """The customers are another's at once, followup asks who is asked, and the archive keeps the proof."""
    with StackClient(Layout(tierline.data), Role.GM) as client:
        for number in range(3):
            client.post("customers", f"/customers/C-{number}/profile", {"rep": "li", "department": "field"})
    tierline.drain()
    to = ("leaving", "depart", "li", "--as", "chen", "--reason", "辞职", "--to", "wang")
    gone = tierline.run(*to)
    assert (gone["works_here"], gone["remaining"]) == (False, 0)
    assert tierline.run(*to) == gone
    assert len(tierline.run("leaving", "customers", "li", "--as", "chen")) == 3
    eventually(lambda: "introduction" in tasks(tierline, "wang"), "the receiver is asked")
    assert {"leaving.review", "filing.due"} <= eventually(
        lambda: (found := tasks(tierline, "chen")) and {"leaving.review", "filing.due"} <= found and found,
        "the manager is asked",
    )
    tierline.run("leaving", "review", "li", "--as", "chen", "--finding", "clear", "--reason", "无异常")
    (left,) = tierline.run("leaving", "list", "--as", "boss", "--role", "gm")
    assert (left["person"], left["finding"], left["handed_over_at"] is not None) == ("li", "clear", True)

    paper = tmp_path / "old.txt"
    paper.write_text("二〇一〇年统计", encoding="utf-8")
    tierline.run("records", "add", "--title", "统计", "--rank", "secret", "--class", "statistics", "--period", "2010",
                 "--id", "R-1")  # fmt: skip
    tierline.run("records", "attach", "R-1", str(paper))
    asked = tierline.run("destruction", "request", "R-1", "--as", "an", "--reason", "期满")

    def step(*words: str, expect: int = 0) -> Any:
        return tierline.run(
            "destruction", words[0], asked["destruction_id"], *words[1:], "--reason", "按制度", expect=expect
        )

    step("agree", "--as", "head", "--role", "gm_office_head")
    step("agree", "--as", "boss", "--role", "gm")
    step("witness", "--as", "boss", "--role", "gm", "--witness", "chen")
    step("attest", "--as", "chen", "--role", "department_manager")
    held = tierline.run("hold", "set", "R-1", "--as", "boss", "--matter", "诉讼", "--reason", "律师函")
    assert step("execute", "--as", "an", expect=ExitCode.NOT_SO)["error"]["what"]
    tierline.run("hold", "lift", held["hold_id"], "--as", "boss", "--reason", "已结案")
    assert step("execute", "--as", "an")["state"] == "executed"
    (line,) = tierline.run("destruction", "register", "--as", "an")
    assert (line["record"], line["witness"], line["attachments"][0]["name"]) == ("R-1", "chen", "old.txt")
    objects = Layout(tierline.data).objects
    eventually(lambda: not [path for path in objects.rglob("*") if path.is_file()], "the object is deleted")
    tierline.drain()
    assert tierline.run("audit", "verify")["verified"]
