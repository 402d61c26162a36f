"""`tierline audit`: the chain of who did what, recomputed."""

from __future__ import annotations

from typing import Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode
from shared.roles import Role
from shared.words import Text


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help=both("The audit trail.", "审计记录。"))
    group.command(
        "verify",
        help=both(
            "Recompute the whole chain; name the first entry that is not as it was sealed.",
            "重算整条审计链，指出首个被改动的条目。",
        ),
    )(verify)
    app.add_typer(group, name="audit")


def verify(data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.OPS) as client:
        found = client.get("archive", "/audit/verification")
    output.result(found, lambda: output.say(verdict(found), style="green" if found["verified"] else "bold red"))
    if not found["verified"]:
        raise typer.Exit(ExitCode.NOT_SO)


def verdict(found: dict[str, Any]) -> Text:
    """What recomputing came to, in a sentence."""
    if found["verified"]:
        return Text(
            en=f"The audit chain is whole: {found['entries']} entries, head {found['head']}",
            zh=f"审计链完整：共 {found['entries']} 条，链头 {found['head']}",
        )
    bad = found["first_bad"]
    return Text(
        en=f"The audit chain is broken at entry {bad['seq']}: {bad['why']['en']}",
        zh=f"审计链在第 {bad['seq']} 条断裂：{bad['why']['zh']}",
    )
