"""`tierline hold`: records that nobody may destroy, whatever their time (A7)."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.acting import As, InRole, Why
from deploy.cli.client import quoted
from deploy.cli.here import Here, Who, at_stack
from deploy.cli.moments import local_day
from deploy.cli.options import Limit, both
from shared.roles import Role
from shared.words import Text

Records = Annotated[list[str], typer.Argument(metavar="RECORD...", help=both("Which records.", "档案编号，可多个。"))]
Matter = Annotated[str, typer.Option("--matter", help=both("For which matter.", "因何事冻结。"))]
HoldId = Annotated[str, typer.Argument(metavar="HOLD", help=both("Which hold.", "冻结编号。"))]
OfRecord = Annotated[str | None, typer.Option("--record", help=both("Only this record's.", "仅该档案。"))]
All = Annotated[bool, typer.Option("--all", help=both("Lifted ones too.", "包括已解除的。"))]


SHOWN = 5
"""So many records of a hold are named in a line; `--json` has them all."""


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("set", help=both("Freeze records.", "冻结档案。"))(set_hold)
    group.command("lift", help=both("Let go of them.", "解除冻结。"))(lift)
    group.command("list", help=both("What is frozen.", "列出冻结。"))(list_holds)
    app.add_typer(group, name="hold")


@at_stack
def set_hold(here: Here, records: Records, person: As, matter: Matter, reason: Why, role: InRole = Role.GM) -> None:
    hold = here.post(
        "archive", "/holds", {"matter": matter, "records": records, "reason": reason}, who=Who(role, person)
    )
    number, name = len(hold["records"]), hold["hold_id"]
    here.tell(
        hold, Text(en=f"{number} records are frozen (hold {name}).", zh=f"已冻结 {number} 份档案（编号 {name}）。")
    )


@at_stack
def lift(here: Here, hold: HoldId, person: As, reason: Why, role: InRole = Role.GM) -> None:
    lifted = here.post("archive", f"/holds/{quoted(hold)}/lift", {"reason": reason}, who=Who(role, person))
    here.tell(lifted, Text(en="Lifted.", zh="已解除。"))


@at_stack
def list_holds(
    here: Here,
    person: As,
    role: InRole = Role.ARCHIVIST,
    record: OfRecord = None,
    everything: All = False,
    limit: Limit = 100,
) -> None:
    found = here.listed("archive", "/holds", limit, record=record, standing=not everything, who=Who(role, person))
    columns = (
        Text(en="hold", zh="编号"), Text(en="matter", zh="事由"), Text(en="records", zh="档案"),
        Text(en="set by", zh="冻结人"), Text(en="since", zh="起"), Text(en="lifted", zh="解除"),
    )  # fmt: skip
    rows = (
        (it["hold_id"], it["matter"], some(it["records"]), it["set_by"], local_day(it["set_at"]),
         local_day(it["lifted_at"]))
        for it in found
    )  # fmt: skip
    here.table(found, columns, rows, none=Text(en="Nothing is frozen.", zh="没有冻结。"))


def some(records: list[str]) -> str:
    """The first of them, for a line."""
    return ", ".join(records[:SHOWN]) + (" …" if len(records) > SHOWN else "")
