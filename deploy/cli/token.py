"""`tierline token`: a bearer token of the stack's own key."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from deploy.cli.client import sign_token
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role

Sub = Annotated[str, typer.Option("--sub", help=both("Whom the token speaks for.", "令牌所代表的人。"))]
RoleOption = Annotated[Role, typer.Option("--role", help=both("That person's role.", "此人的角色。"))]
Department = Annotated[
    str | None, typer.Option("--department", help=both("That person's department.", "此人所在部门。"))
]
Hours = Annotated[
    float, typer.Option("--hours", min=0.01, max=24 * 30, help=both("How long it is valid.", "有效小时数。"))
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("token")(token)


def token(
    sub: Sub,
    role: RoleOption,
    department: Department = None,
    hours: Hours = 12.0,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    signed = sign_token(layout_of(data), sub=sub, role=role, department=department, life=timedelta(hours=hours))
    # Nothing but the token, so that `$(tierline token …)` is one.
    output.result({"token": signed, "hours": hours}, lambda: typer.echo(signed))
