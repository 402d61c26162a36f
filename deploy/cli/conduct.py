"""`tierline conduct`: what an inspector or a manager saw somebody do (N7)."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.acting import InRole
from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

Person = Annotated[str, typer.Argument(metavar="PERSON", help=both("Who did it.", "当事人。"))]
Kind = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help=both(
            "What it was, as the policy calls it (breaches.conduct): lateness, poor_display, …",
            "行为种类，见策略 breaches.conduct：lateness、poor_display 等。",
        ),
    ),
]
Note = Annotated[str, typer.Option("--note", help=both("What was seen, in your words.", "事实说明。"))]
Amount = Annotated[
    str | None,
    typer.Option("--amount", help=both("The sum in question, where there is one.", "涉及金额（如有）。")),
]
Witness = Annotated[str | None, typer.Option("--as", metavar="PERSON", help=both("Who saw it.", "举报人。"))]
ReportId = Annotated[
    str | None,
    typer.Option("--id", help=both("An id of your own: the same report is sent again.", "自定编号，重复提交无妨。")),
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("report", help=both("Report what somebody did.", "举报违规行为。"))(report)
    app.add_typer(group, name="conduct")


def report(
    person: Person,
    kind: Kind,
    note: Note,
    amount: Amount = None,
    report_id: ReportId = None,
    who: Witness = None,
    role: InRole = Role.INSPECTOR,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), role, person=who) as client:
        body = {"person": person, "kind": kind, "note": note, "amount": amount, "report_id": report_id}
        told = client.post("customers", "/conduct", {name: value for name, value in body.items() if value is not None})
    output.result(
        told,
        lambda: output.say(
            Text(
                en=f"Reported (report {told['id']}); what it costs is proposed within moments: `tierline fines list`.",
                zh=f"已举报（编号 {told['id']}），罚款建议即将生成，见 `tierline fines list`。",
            )
        ),
    )
