"""`tierline tasks`: what waits for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping

import typer

from deploy.cli.acting import As
from deploy.cli.client import StackClient
from deploy.cli.moments import local
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, Limit, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

# What a task's subject says beside the id: the step of a request, fine or destruction, a loan, the day of a departure.
OCCURRENCE = re.compile(r"(?<=.)(/\d+|/loan|:\d+|:\d{4}-\d\d-\d\dT.*)$")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tasks")(tasks)


def tasks(
    person: As, limit: Limit = 100, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.REP, person=person) as client:
        found = list(client.pages("followup", "/tasks", limit=limit))
    columns = (
        Text(en="since", zh="提出时间"), Text(en="until", zh="截止"), Text(en="what", zh="事项"),
        Text(en="about", zh="对象"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="Nothing waits.", zh="没有待办事项。"))
            return
        rows = (
            (
                local(task["raised_at"]),
                local(task["due_at"]),
                output.of(Text(**task["words"])),
                about(task["subject"]),
            )
            for task in found
        )
        output.table(columns, rows)

    output.result(found, show)


def about(subject: Mapping[str, str]) -> str:
    """The id by which other commands know what a task is about."""
    return OCCURRENCE.sub("", subject["id"])
