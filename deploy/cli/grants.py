"""`tierline grants`: what requests came to; released, revoked, returned (A2, A3)."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.acting import As, InRole, Why
from deploy.cli.client import StackClient, quoted
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, Limit, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

GrantId = Annotated[str, typer.Argument(metavar="GRANT", help=both("Which grant.", "授权编号。"))]
RequestId = Annotated[str, typer.Argument(metavar="REQUEST", help=both("Which request.", "申请编号。"))]
Live = Annotated[bool, typer.Option("--live", help=both("Only those that are not over.", "仅未到期的。"))]
Lent = Annotated[bool, typer.Option("--lent", help=both("Only with the original out.", "仅原件未归还的。"))]
Whose = Annotated[str | None, typer.Option("--person", help=both("Only this reader's.", "仅此人的。"))]
File = Annotated[str | None, typer.Option("--file", help=both("Only of this file.", "仅此档案的。"))]
Remark = Annotated[str, typer.Option("--remark", help=both("In what condition it is.", "归还时的状况。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list", help=both("Grants, the newest first.", "列出授权。"))(list_grants)
    group.command("release", help=both("The last step of a request, by the archivist.", "放行已批准的申请。"))(release)
    group.command("revoke", help=both("End one before its time.", "撤销授权。"))(revoke)
    group.command("returned", help=both("A lent original is back.", "签收归还的原件。"))(returned)
    app.add_typer(group, name="grants")


def list_grants(
    person: As, role: InRole = Role.ARCHIVIST, whose: Whose = None, file: File = None, live: Live = False,
    lent: Lent = False, limit: Limit = 100, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    with StackClient(layout_of(data), role, person=person) as client:
        found = list(client.pages("archive", "/grants", limit=limit, person=whose, file=file, live=live, lent=lent))
    columns = (
        Text(en="grant", zh="编号"), Text(en="reader", zh="查阅人"), Text(en="file", zh="档案"),
        Text(en="until", zh="截止"), Text(en="approved by", zh="批准人"), Text(en="ended", zh="撤销/归还"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="There is none.", zh="没有授权。"))
            return
        rows = (
            (
                item["grant_id"], item["person"], item["file"], local(item["until"]), item["approved_by"],
                local(item["revoked_at"] or item["returned_at"]),
            )
            for item in found
        )  # fmt: skip
        output.table(columns, rows)

    output.result(found, show)


def release(
    request: RequestId, person: As, reason: Why, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.ARCHIVIST, person=person) as client:
        given = client.post("archive", "/grants", {"request": request, "reason": reason})
    until = local(given["until"])
    output.result(
        given,
        lambda: output.say(
            Text(
                en=f"{given['person']} may consult {given['file']} until {until} (grant {given['grant_id']}).",
                zh=f"{given['person']} 可查阅 {given['file']} 至 {until}（授权 {given['grant_id']}）。",
            )
        ),
    )


def revoke(
    grant: GrantId, person: As, reason: Why, role: InRole = Role.ARCHIVIST, data: Data = DEFAULT_DATA,
    as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    with StackClient(layout_of(data), role, person=person) as client:
        told = client.post("archive", f"/grants/{quoted(grant)}/revoke", {"reason": reason})
    output.result(told, lambda: output.say(Text(en="Revoked.", zh="已撤销。")))


def returned(
    grant: GrantId, person: As, remark: Remark, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.ARCHIVIST, person=person) as client:
        told = client.post("archive", f"/grants/{quoted(grant)}/returned", {"remark": remark})
    output.result(told, lambda: output.say(Text(en="Back in its place.", zh="已归还。")))
