"""`tierline leaving`: somebody leaves, and others take over (P6)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cli.acting import As, InRole, Why
from deploy.cli.client import quoted
from deploy.cli.here import Here, Who, at_stack
from deploy.cli.moments import local
from deploy.cli.options import Limit, both
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.called import code_of
from shared.roles import Role
from shared.words import Text

Person = Annotated[str, typer.Argument(metavar="PERSON", help=both("Who leaves.", "离职人员。"))]
At = Annotated[
    str | None,
    typer.Option("--at", help=both("Since when, 2026-03-02T18:00:00+08:00; else now.", "离职时间，默认现在。")),
]
To = Annotated[str | None, typer.Option("--to", help=both("All customers to this rep.", "全部客户移交给此业务员。"))]
Each = Annotated[
    list[str] | None,
    typer.Option(
        "--give", metavar="CUSTOMER=REP", help=both("One customer to a rep; repeat it.", "逐个指定，可重复。")
    ),
]
Even = Annotated[bool, typer.Option("--even", help=both("Share them out evenly.", "平均分配。"))]
Among = Annotated[
    list[str] | None,
    typer.Option("--among", help=both("With --even: among these only; repeat it.", "与 --even 合用：仅分给这些人。")),
]
Finding = Annotated[
    str, typer.Option("--finding", help=both("clear or suspicious.", "clear（正常）或 suspicious（可疑）。"))
]
Action = Annotated[str | None, typer.Option("--action", help=both("file.exported, file.read …", "仅此类操作。"))]
FINDINGS = {"clear": Text(en="clear", zh="正常"), "suspicious": Text(en="suspicious", zh="可疑")}


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    for name, words, command in (
        ("depart", both("Somebody leaves; their customers go to others.", "登记离职并移交客户。"), depart),
        ("show", both("Who took over, and what is left.", "查看移交情况。"), show_departure),
        ("customers", both("The customers that changed hands.", "列出移交的客户。"), list_customers),
        ("list", both("Who left, and what is still to be done.", "离职清单。"), list_leavings),
        ("review", both("Say what was found in the last weeks.", "登记复核意见。"), review),
        ("entries", both("What they did in the last weeks.", "列出离职前数周的操作。"), entries),
        ("introduced", both("The customers know who is there for them.", "登记已向客户说明。"), introduced),
    ):
        group.command(name, help=words)(command)
    app.add_typer(group, name="leaving")


@at_stack
def depart(
    here: Here,
    leaver: Person,
    person: As,
    reason: Why,
    role: InRole = Role.DEPARTMENT_MANAGER,
    to: To = None,
    each: Each = None,
    even: Even = False,
    among: Among = None,
    at: At = None,
) -> None:
    body = {"reason": reason, "departed_at": at, "to": receivers(to, each, even=even, among=among)}
    standing = here.post("customers", f"/people/{quoted(leaver)}/departure", body, who=Who(role, person))
    here.show(standing, tell)


def receivers(to: str | None, each: list[str] | None, *, even: bool, among: list[str] | None) -> dict[str, Any] | None:
    """Who takes over, in the one way that was chosen; None where it is not said."""
    if (to is not None) + bool(each) + even > 1 or (among and not even):
        raise Failure(
            Text(en="One way is enough: --to, --give or --even.", zh="只能选一种移交方式：--to、--give 或 --even。"),
            code=ExitCode.USAGE,
        )
    if to is not None:
        return {"rep": to}
    if each:
        pairs = [pair.rpartition("=") for pair in each]
        if any(not customer or not rep for customer, _, rep in pairs):
            raise Failure(
                Text(en="--give is written CUSTOMER=REP.", zh="--give 写作 客户编号=业务员。"), code=ExitCode.USAGE
            )
        return {"customers": {customer: rep for customer, _, rep in pairs}}
    return {"even": among or []} if even else None


@at_stack
def show_departure(here: Here, leaver: Person, person: As, role: InRole = Role.DEPARTMENT_MANAGER) -> None:
    standing = here.get("customers", f"/people/{quoted(leaver)}/departure", who=Who(role, person))
    here.show(standing, tell)


def tell(standing: dict[str, Any], output: Output) -> None:
    leaver, left = standing["person"], standing["remaining"]
    if standing["works_here"]:
        output.say(Text(en=f"{leaver} works here and has {left} customers.", zh=f"{leaver} 在职，负责 {left} 个客户。"))
        return
    output.say(
        Text(
            en=f"{leaver} has left; {left} customers are still to be handed over.",
            zh=f"{leaver} 已离职；尚有 {left} 个客户未移交。",
        )
    )
    columns = (
        Text(en="rep", zh="接手人"), Text(en="customers", zh="客户数"), Text(en="introduced to", zh="已联系"),
    )  # fmt: skip
    output.table(columns, ((it["to_rep"], it["customers"], it["introduced"]) for it in standing["received"]), right=2)


@at_stack
def list_customers(
    here: Here, leaver: Person, person: As, role: InRole = Role.DEPARTMENT_MANAGER, limit: Limit = 1000
) -> None:
    found = here.listed("customers", f"/people/{quoted(leaver)}/departure/customers", limit, who=Who(role, person))
    columns = (
        Text(en="customer", zh="客户"), Text(en="from", zh="原业务员"), Text(en="to", zh="接手人"),
        Text(en="since", zh="移交时间"), Text(en="introduced", zh="已联系"),
    )  # fmt: skip
    rows = [
        (it["customer_id"], it["from_rep"], it["to_rep"], local(it["handed_at"]), local(it["introduced_at"]))
        for it in found
    ]
    here.table(found, columns, rows)


@at_stack
def list_leavings(here: Here, person: As, role: InRole = Role.HR, limit: Limit = 100) -> None:
    found = here.listed("archive", "/leavings", limit, who=Who(role, person))
    columns = (
        Text(en="person", zh="人员"), Text(en="department", zh="部门"), Text(en="left", zh="离职时间"),
        Text(en="handed over", zh="移交"), Text(en="reviewed by", zh="复核人"), Text(en="finding", zh="结论"),
    )  # fmt: skip
    rows = [
        (it["person"], it["department"], local(it["departed_at"]), local(it["handed_over_at"]),
         it["reviewed_by"], here.output.named(it["finding"] or "", FINDINGS))
        for it in found
    ]  # fmt: skip
    here.table(found, columns, rows)


@at_stack
def review(
    here: Here, leaver: Person, person: As, finding: Finding, reason: Why, role: InRole = Role.DEPARTMENT_MANAGER
) -> None:
    told = here.post(
        "archive",
        f"/leavings/{quoted(leaver)}/review",
        {"finding": code_of(finding, FINDINGS), "remark": reason},
        who=Who(role, person),
    )
    here.tell(told, Text(en="Taken.", zh="已登记。"))


@at_stack
def entries(
    here: Here,
    leaver: Person,
    person: As,
    role: InRole = Role.DEPARTMENT_MANAGER,
    action: Action = None,
    limit: Limit = 100,
) -> None:
    found = here.listed("archive", f"/leavings/{quoted(leaver)}/entries", limit, action=action, who=Who(role, person))
    columns = (
        Text(en="entry", zh="序号"), Text(en="at", zh="时间"), Text(en="action", zh="操作"),
        Text(en="file", zh="档案"), Text(en="outcome", zh="结果"), Text(en="grant", zh="授权"),
        Text(en="from", zh="地点"),
    )  # fmt: skip
    rows = [
        (it["seq"], local(it["at"]), it["action"], it["file"], it["outcome"], it["grant_id"], it["station"])
        for it in found
    ]
    here.table(found, columns, rows)


@at_stack
def introduced(here: Here, leaver: Person, person: As, reason: Why, role: InRole = Role.REP) -> None:
    told = here.post("archive", f"/leavings/{quoted(leaver)}/introduced", {"remark": reason}, who=Who(role, person))
    here.tell(told, Text(en="Taken.", zh="已登记。"))
