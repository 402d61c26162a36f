"""`tierline wages`: base wages, on which the fines for returns depend (N8)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cli.acting import As, Why
from deploy.cli.client import StackClient, quoted
from deploy.cli.fines import NONE, tell_fines
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

Person = Annotated[str, typer.Argument(metavar="PERSON", help=both("Whose.", "人员。"))]
Whose = Annotated[
    str | None, typer.Argument(metavar="[PERSON]", help=both("Whose; everybody's if not said.", "人员。"))
]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help=both("The base wage of a month.", "月基本工资。"))]
FromMonth = Annotated[str, typer.Option("--from", help=both("From which month on, 2026-03.", "从哪个月起。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("set", help=both("Record a wage, from a month on.", "登记基本工资。"))(record)
    group.command("list", help=both("The newest wages; every look is audited.", "查看基本工资（留痕）。"))(list_wages)
    app.add_typer(group, name="wages")


def record(
    person: Person,
    amount: Amount,
    from_month: FromMonth,
    reason: Why,
    who: As,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    body = {"amount": amount, "from_month": from_month, "reason": reason}
    with StackClient(layout_of(data), Role.HR, person=who) as client:
        found = client.post("archive", f"/wages/{quoted(person)}", body)

    def tell() -> None:
        output.say(
            Text(
                en=f"Recorded; {len(found['proposed'])} fines had waited for it.",
                zh=f"已登记；由此提出罚款 {len(found['proposed'])} 项。",
            )
        )
        if found["proposed"]:
            tell_fines(found["proposed"], output)

    output.result(found, tell)


def list_wages(person: Whose = None, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.HR) as client:
        found: list[dict[str, Any]] = (
            list(client.pages("archive", "/wages"))
            if person is None
            else client.get("archive", f"/wages/{quoted(person)}")
        )
    columns = (
        Text(en="person", zh="人员"), Text(en="from", zh="起始月"), Text(en="set by", zh="登记人"),
        Text(en="reason", zh="理由"), Text(en="wage", zh="基本工资"),
    )  # fmt: skip
    rows = [(it["person"], it["from_month"], it["set_by"], it["reason"], it["amount"]) for it in found]
    output.result(found, lambda: output.table(columns, rows, right=1) if found else output.say(NONE))
