"""Commands that are somebody's own acts: whom one acts for, and in which words one says why."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.options import both
from shared.roles import Role

As = Annotated[str, typer.Option("--as", metavar="PERSON", help=both("Who acts.", "操作人。"))]
AsAnybody = Annotated[
    str | None,
    typer.Option("--as", metavar="PERSON", help=both("Who asks; else this login.", "查询人，默认本机用户。")),
]
InRole = Annotated[
    Role, typer.Option("--role", help=both("In which role; what they may is the organisation's word.", "操作人角色。"))
]
Why = Annotated[str, typer.Option("--reason", help=both("Why; it goes into the audit.", "理由，记入审计。"))]
