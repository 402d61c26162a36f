"""`tierline destruction`: from the request to the register (A7)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cli.acting import As, InRole, Why
from deploy.cli.client import quoted
from deploy.cli.here import Here, Who, at_stack
from deploy.cli.moments import local
from deploy.cli.options import Limit, both
from deploy.cli.output import Output
from shared.called import RANKS, ROLES, called
from shared.roles import Role
from shared.words import Text

Records = Annotated[list[str], typer.Argument(metavar="RECORD...", help=both("Which records.", "档案编号，可多个。"))]
Id = Annotated[str, typer.Argument(metavar="DESTRUCTION", help=both("Which request.", "销毁申请编号。"))]
Witness = Annotated[str, typer.Option("--witness", help=both("Who watches.", "监销人。"))]

STATES = {
    "requested": Text(zh="待审核", en="requested"),
    "reviewed": Text(zh="已审核，待批准", en="reviewed"),
    "approved": Text(zh="已批准，待指定监销人", en="approved"),
    "witnessed": Text(zh="已指定监销人", en="witness named"),
    "executed": Text(zh="已销毁", en="executed"),
    "refused": Text(zh="已驳回", en="refused"),
    "withdrawn": Text(zh="已撤回", en="withdrawn"),
    "lapsed": Text(zh="批准已失效", en="lapsed"),
}
STEPS = {
    "reviewed": Text(zh="审核", en="reviewed it"),
    "approved": Text(zh="批准", en="approved it"),
    "refused": Text(zh="驳回", en="refused it"),
    "withdrawn": Text(zh="撤回", en="withdrew it"),
    "witness_named": Text(zh="指定监销人", en="named the witness"),
    "attested": Text(zh="现场核对确认", en="attested the list"),
    "executed": Text(zh="执行销毁", en="carried it out"),
}


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    for name, words, command in (
        ("request", both("Ask for it.", "提出销毁申请。"), request),
        ("agree", both("Review or approve it.", "审核或批准。"), agree),
        ("refuse", both("Refuse it.", "驳回。"), refuse),
        ("withdraw", both("Take one's own back.", "撤回本人的申请。"), withdraw),
        ("witness", both("Name who watches.", "指定监销人。"), name_witness),
        ("attest", both("The witness's word.", "监销人现场核对确认。"), attest),
        ("execute", both("Carry it out.", "执行销毁。"), execute),
        ("list", both("Requests, and where they stand.", "列出销毁申请。"), list_requests),
        ("show", both("One request and its steps.", "查看一份申请及各步。"), show_request),
        ("register", both("What was destroyed, for ever.", "销毁登记册。"), show_register),
    ):
        group.command(name, help=words)(command)
    app.add_typer(group, name="destruction")


@at_stack
def request(here: Here, records: Records, person: As, reason: Why) -> None:
    asked = here.post(
        "archive", "/destructions", {"records": records, "reason": reason}, who=Who(Role.ARCHIVIST, person)
    )
    here.show(asked, tell)


@at_stack
def agree(here: Here, destruction: Id, person: As, role: InRole, reason: Why) -> None:
    act(here, f"{quoted(destruction)}/decisions", Who(role, person), {"decision": "agree", "reason": reason})


@at_stack
def refuse(here: Here, destruction: Id, person: As, role: InRole, reason: Why) -> None:
    act(here, f"{quoted(destruction)}/decisions", Who(role, person), {"decision": "refuse", "reason": reason})


@at_stack
def withdraw(here: Here, destruction: Id, person: As, reason: Why) -> None:
    act(here, f"{quoted(destruction)}/withdraw", Who(Role.ARCHIVIST, person), {"reason": reason})


@at_stack
def name_witness(here: Here, destruction: Id, person: As, role: InRole, witness: Witness, reason: Why) -> None:
    act(here, f"{quoted(destruction)}/witness", Who(role, person), {"witness": witness, "reason": reason})


@at_stack
def attest(here: Here, destruction: Id, person: As, reason: Why, role: InRole = Role.REP) -> None:
    act(here, f"{quoted(destruction)}/attest", Who(role, person), {"reason": reason})


@at_stack
def execute(here: Here, destruction: Id, person: As, reason: Why) -> None:
    act(here, f"{quoted(destruction)}/execute", Who(Role.ARCHIVIST, person), {"reason": reason})


@at_stack
def list_requests(here: Here, person: As, role: InRole = Role.ARCHIVIST, limit: Limit = 100) -> None:
    found = here.listed("archive", "/destructions", limit, who=Who(role, person))
    columns = (
        Text(en="request", zh="编号"), Text(en="records", zh="份数"), Text(en="by", zh="申请人"),
        Text(en="state", zh="状态"), Text(en="waits for", zh="等待"), Text(en="witness", zh="监销人"),
    )  # fmt: skip
    rows = (
        (it["destruction_id"], len(it["records"]), it["requested_by"], here.output.of(STATES[it["state"]]),
         here.output.of(waited_for(it)), it["witness"])
        for it in found
    )  # fmt: skip
    here.table(found, columns, rows, none=Text(en="There is none.", zh="没有销毁申请。"))


@at_stack
def show_request(here: Here, destruction: Id, person: As, role: InRole = Role.ARCHIVIST) -> None:
    found = here.get("archive", f"/destructions/{quoted(destruction)}", who=Who(role, person))
    here.show(found, tell)


@at_stack
def show_register(here: Here, person: As, role: InRole = Role.ARCHIVIST, limit: Limit = 1000) -> None:
    found = here.listed("archive", "/destructions/register", limit, who=Who(role, person))
    columns = (
        Text(en="no.", zh="序号"), Text(en="record", zh="档案"), Text(en="title", zh="题名"),
        Text(en="rank", zh="密级"), Text(en="asked by", zh="申请人"), Text(en="approved by", zh="批准人"),
        Text(en="witness", zh="监销人"), Text(en="executed by", zh="执行人"), Text(en="on", zh="销毁时间"),
    )  # fmt: skip
    rows = (
        (it["number"], it["record"], it["title"], here.output.named(it["rank"], RANKS), it["requested_by"],
         it["approved_by"], it["witness"], it["executed_by"], local(it["destroyed_at"]))
        for it in found
    )  # fmt: skip
    here.table(found, columns, rows, none=Text(en="Nothing was destroyed.", zh="没有销毁记录。"))


def act(here: Here, path: str, who: Who, body: dict[str, Any]) -> None:
    """Somebody's step, and where the destruction stands by it."""
    here.show(here.post("archive", f"/destructions/{path}", body, who=who), tell)


def tell(it: dict[str, Any], output: Output) -> None:
    state, name, number = STATES[it["state"]], it["destruction_id"], len(it["records"])
    waits = waited_for(it)
    output.say(
        Text(
            en=f"{name}: {number} records, {state.en}{' · waits for ' + waits.en if waits.en else ''}",
            zh=f"{name}：{number} 份档案，{state.zh}{' · 等待' + waits.zh if waits.zh else ''}",
        )
    )
    for step in it["steps"]:
        about = f" → {step['witness']}" if step["witness"] else ""
        kind, at = called(step["kind"], STEPS), local(step["at"])
        output.say(
            Text(
                en=f"  {at} {step['by']} {kind.en}{about}: {step['reason']}",
                zh=f"  {at} {step['by']} {kind.zh}{about}：{step['reason']}",
            )
        )


def waited_for(it: dict[str, Any]) -> Text:
    """Whose word it waits for; empty where it waits for nobody's."""
    return called(it["waits_for"] or "", ROLES)
