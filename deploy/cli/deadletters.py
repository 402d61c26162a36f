"""`tierline dlq`: records that could not be taken. Reading them is itself audited."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from shared.contracts.registry import SERVICES
from shared.roles import Role
from shared.words import Text

Service = Annotated[str | None, typer.Option("--service", help=both("Only this service's.", "只看该服务的死信。"))]
Topic = Annotated[str | None, typer.Option("--topic", help=both("Only this topic's.", "只看该主题的死信。"))]
Limit = Annotated[
    int, typer.Option("--limit", min=1, help=both("At most so many per service.", "每个服务最多显示条数。"))
]
Ids = Annotated[
    list[int] | None,
    typer.Argument(metavar="[ID]...", help=both("Letters to try again; none: all.", "要重试的编号，不填则全部。")),
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list", help=both("Which records wait, and why.", "列出死信及原因。"))(list_letters)
    group.command("show", help=both("One record, whole.", "查看一条死信的全部内容。"))(show_letter)
    group.command("replay", help=both("Try records again, after a fix.", "修复后重试死信。"))(replay)
    group.command("resume", help=both("Go on reading partitions that were halted.", "恢复读取已停读的分区。"))(resume)
    app.add_typer(group, name="dlq")


def list_letters(
    service: Service = None,
    limit: Limit = 100,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.OPS) as client:
        letters = [
            {"service": name, **letter}
            for name in chosen(service)
            for letter in client.pages(name, "/dead-letters", limit)
        ]
    columns = (
        Text(en="service", zh="服务"), Text(en="id", zh="编号"), Text(en="topic", zh="主题"),
        Text(en="place", zh="位置"), Text(en="why", zh="原因"), Text(en="in full", zh="说明"),
    )  # fmt: skip

    def show() -> None:
        if not letters:
            output.say(Text(en="No dead letters.", zh="没有死信。"), style="green")
            return
        output.table(
            columns,
            (
                (x["service"], x["id"], x["topic"], f"{x['partition']}/{x['offset']}", x["code"], x["detail"])
                for x in letters
            ),
        )
        output.say(
            Text(
                en="One whole: `tierline dlq show --service S ID`. After a fix: `tierline dlq replay`.",
                zh="查看全文：`tierline dlq show --service 服务 编号`。修复后重试：`tierline dlq replay`。",
            )
        )

    output.result(letters, show)


def show_letter(
    letter: Annotated[int, typer.Argument(metavar="ID", help=both("Its number.", "死信编号。"))],
    service: Annotated[str, typer.Option("--service", help=both("Whose it is.", "所属服务。"))] = "customers",
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    (name,) = chosen(service)
    with StackClient(layout_of(data), Role.OPS) as client:
        found = client.get(name, f"/dead-letters/{letter}")
    output.result(found, lambda: output.table((Text(en="what", zh="项目"), Text(en="value", zh="内容")), found.items()))


def replay(
    ids: Ids = None,
    service: Service = None,
    topic: Topic = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    if ids and service is None:
        raise Failure(
            Text(en="Numbers are a service's own.", zh="编号是各服务自己的。"),
            Text(
                en="Name it: `tierline dlq replay --service customers ID`.",
                zh="请指明：`tierline dlq replay --service customers 编号`。",
            ),
            code=ExitCode.USAGE,
        )
    with StackClient(layout_of(data), Role.OPS) as client:
        results = {
            name: client.post(name, "/dead-letters/replay", {"ids": ids, "topic": topic}) for name in chosen(service)
        }

    def show() -> None:
        for name, result in results.items():
            tell_replay(output, name, result)

    output.result(results, show)
    if any(result["refused"] for result in results.values()):
        raise typer.Exit(ExitCode.NOT_SO)


def tell_replay(output: Output, service: str, result: dict[str, Any]) -> None:
    """What became of one service's letters."""
    done, refused = result["replayed"], result["refused"]
    output.say(
        Text(
            en=f"{service}: {done} took effect, {len(refused)} were refused again.",
            zh=f"{service}：{done} 条已生效，{len(refused)} 条再次被拒。",
        )
    )
    for letter, why in refused.items():
        output.say(Text(en=f"  {letter}: {why}", zh=f"  {letter}:{why}"))


def resume(
    service: Service = None,
    topic: Topic = None,
    partition: Annotated[
        int | None, typer.Option("--partition", help=both("Only this partition.", "只恢复该分区。"))
    ] = None,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.OPS) as client:
        lifted = {
            name: client.post(name, "/partitions/resume", {"topic": topic, "partition": partition})
            for name in chosen(service)
        }

    def show() -> None:
        for name, halts in lifted.items():
            for halt in halts:
                place = f"{halt['topic']}/{halt['partition']}"
                output.say(Text(en=f"{name} goes on with {place}.", zh=f"{name} 恢复读取 {place}。"))
        if not any(lifted.values()):
            output.say(Text(en="Nothing was halted.", zh="没有停读的分区。"))

    output.result(lifted, show)


def chosen(service: str | None) -> tuple[str, ...]:
    """The services that an option names: one, or all."""
    if service is None:
        return SERVICES
    if service not in SERVICES:
        names = ", ".join(SERVICES)
        raise Failure(
            Text(en=f"There is no service {service}.", zh=f"没有名为 {service} 的服务。"),
            Text(en=f"There are: {names}", zh=f"现有服务：{names}"),
            code=ExitCode.USAGE,
        )
    return (service,)
