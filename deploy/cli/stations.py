"""`tierline stations`: where people work, and which of these places are reading rooms (A3)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

Station = Annotated[str, typer.Argument(metavar="STATION", help=both("Which station.", "工作地点编号。"))]
Networks = Annotated[
    list[str],
    typer.Option("--network", help=both("Its requests come from here; may be repeated.", "网段，可重复。")),
]
Place = Annotated[str, typer.Option("--place", help=both("Where it is.", "所在地。"))]
ReadingRoom = Annotated[bool, typer.Option("--reading-room", help=both("It is a reading room.", "是阅览室。"))]
Closed = Annotated[bool, typer.Option("--closed", help=both("Nobody works there any more.", "已停用。"))]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("set", help=both("Record a station as it is now.", "登记或更新工作地点。"))(set_station)
    group.command("list", help=both("All stations.", "列出全部工作地点。"))(list_stations)
    app.add_typer(group, name="stations")


def set_station(
    station: Station, networks: Networks, place: Place, reading_room: ReadingRoom = False, closed: Closed = False,
    data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None,
) -> None:  # fmt: skip
    output = Output(lang, as_json)
    body = {"networks": networks, "place": place, "reading_room": reading_room, "active": not closed}
    with StackClient(layout_of(data), Role.ARCHIVIST) as client:
        told = client.put("customers", f"/stations/{quote(station, safe='')}", body)
    output.result(told, lambda: output.say(Text(en=f"{station} is recorded.", zh=f"已登记：{station}。")))


def list_stations(data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.ARCHIVIST) as client:
        found = client.get("archive", "/stations")
    columns = (
        Text(en="station", zh="编号"), Text(en="networks", zh="网段"), Text(en="place", zh="所在地"),
        Text(en="reading room", zh="阅览室"), Text(en="in use", zh="在用"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="No station is recorded.", zh="没有登记工作地点。"))
            return
        marks = {True: "✓", False: ""}
        rows = (
            (x["station"], ", ".join(x["networks"]), x["place"], marks[x["reading_room"]], marks[x["active"]])
            for x in found
        )
        output.table(columns, rows)

    output.result(found, show)
