"""`tierline delegations`: a GM who is away delegates in writing (A4)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from deploy.cli.acting import As, InRole, Why
from deploy.cli.client import StackClient, quoted
from deploy.cli.moments import CLOCK, local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, Limit, both, layout_of
from deploy.cli.output import Output
from shared.called import RANKS, TIERS, called, code_of
from shared.roles import Role
from shared.words import Text

DelegationId = Annotated[str, typer.Argument(metavar="DELEGATION", help=both("Which one.", "委托编号。"))]
To = Annotated[str, typer.Option("--to", metavar="PERSON", help=both("Who decides instead.", "受托人。"))]
Until = Annotated[datetime, typer.Option("--until", formats=CLOCK, help=both("Until when.", "截止时间。"))]
Words = Annotated[str, typer.Option("--text", help=both("What is written.", "委托书内容。"))]
Tiers = Annotated[
    list[str] | None,
    typer.Option("--tier", help=both("Customers' files of this tier; may be repeated.", "客户档案层级，可重复。")),
]
Ranks = Annotated[
    list[str] | None, typer.Option("--rank", help=both("Records of this rank; may be repeated.", "密级，可重复。"))
]
File = Annotated[str | None, typer.Option("--file", help=both("One file.", "某一档案。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("give", help=both("Delegate one's approvals.", "委托他人审批。"))(give)
    group.command("list", help=both("Delegations given or held.", "列出委托。"))(list_delegations)
    group.command("revoke", help=both("End one before its time.", "撤销委托。"))(revoke)
    app.add_typer(group, name="delegations")


def give(
    person: As, to: To, until: Until, text: Words, tiers: Tiers = None, ranks: Ranks = None, file: File = None,
    data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    body = {
        "delegate": to, "until": until.astimezone().isoformat(), "text": text,
        "scope": {
            "tiers": [code_of(tier, TIERS) for tier in tiers or []],
            "ranks": [code_of(rank, RANKS) for rank in ranks or []],
            "file": file,
        },
    }  # fmt: skip
    with StackClient(layout_of(data), Role.GM, person=person) as client:
        given = client.post("archive", "/delegations", body)
    output.result(
        given,
        lambda: output.say(
            Text(
                en=f"{to} decides for {person} until {local(given['until'])} (delegation {given['delegation_id']}).",
                zh=f"{to} 代 {person} 审批至 {local(given['until'])}（委托 {given['delegation_id']}）。",
            )
        ),
    )


def list_delegations(
    person: As, role: InRole = Role.REP, limit: Limit = 100, data: Data = DEFAULT_DATA, as_json: AsJson = False,
    lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    with StackClient(layout_of(data), role, person=person) as client:
        found = list(client.pages("archive", "/delegations", limit=limit))
    columns = (
        Text(en="delegation", zh="编号"), Text(en="from", zh="委托人"), Text(en="to", zh="受托人"),
        Text(en="for", zh="事项"), Text(en="until", zh="截止"), Text(en="revoked", zh="撤销"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="There is none.", zh="没有委托。"))
            return
        rows = (
            (
                item["delegation_id"], item["giver"], item["delegate"],
                ", ".join(output.of(part) for part in scope_of(item["scope"])),
                local(item["until"]), local(item["revoked_at"]),
            )
            for item in found
        )  # fmt: skip
        output.table(columns, rows)

    output.result(found, show)


def scope_of(scope: dict[str, Any]) -> list[Text]:
    """What a delegation is for: tiers of customers' files, ranks of records, one file."""
    file = scope["file"]
    return [
        *(called(tier, TIERS) for tier in scope["tiers"]),
        *(called(rank, RANKS) for rank in scope["ranks"]),
        *([Text(zh=file, en=file)] if file else []),
    ]


def revoke(
    delegation: DelegationId, person: As, reason: Why, data: Data = DEFAULT_DATA, as_json: AsJson = False,
    lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM, person=person) as client:
        told = client.post("archive", f"/delegations/{quoted(delegation)}/revoke", {"reason": reason})
    output.result(told, lambda: output.say(Text(en="Revoked.", zh="已撤销。")))
