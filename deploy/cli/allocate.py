"""`tierline allocate` and `tierline gaps`: who gets how much of a resource and why, and what is missing to judge."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient
from deploy.cli.names import names_of
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, Limit, Rep, both, layout_of
from deploy.cli.output import Output
from deploy.failure import ExitCode, Failure
from deploy.local.lists import read_shops
from shared.roles import Role
from shared.words import Text

Resource = Annotated[
    str, typer.Option("--resource", help=both("What: trial-pack, gift-set …", "分配什么：trial-pack、gift-set 等。"))
]
Quantity = Annotated[int, typer.Option("--quantity", min=0, help=both("How many units in all.", "总量。"))]
AtLeastNew = Annotated[
    int | None,
    typer.Option(
        "--at-least-new", min=0, help=both("Units for each new customer at least.", "每个新客户至少几个单位。")
    ),
]
AtLeast = Annotated[
    int | None,
    typer.Option(
        "--at-least", min=0, help=both("Units for each other customer at least.", "其他客户每家至少几个单位。")
    ),
]
AtMost = Annotated[
    int | None, typer.Option("--at-most", min=0, help=both("Units for anybody at most.", "每家最多几个单位。"))
]
File = Annotated[
    Path | None,
    typer.Option(
        "--file",
        help=both(
            "A trial: share out among the customers of this CSV or Excel file instead.",
            "试算：改为在该 CSV 或 Excel 文件所列客户中分配。",
        ),
    ),
]
Example = Annotated[
    bool,
    typer.Option("--example", help=both("A trial with ten shops that come with Tierline.", "用自带的十家专营店试算。")),
]
Filler = Annotated[
    str,
    typer.Option(
        "--filler",
        help=both(
            "Who can fill it: rep, policy, order_system, catalogue, customs.",
            "由谁补充：rep、policy、order_system、catalogue、customs。",
        ),
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("allocate")(allocate)
    app.command("gaps")(gaps)


def allocate(
    resource: Resource,
    quantity: Quantity,
    at_least_new: AtLeastNew = None,
    at_least: AtLeast = None,
    at_most: AtMost = None,
    file: File = None,
    example: Example = False,
    limit: Limit = 50,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    shops = given(file, example=example)
    bounds = {"at_least_new": at_least_new, "at_least": at_least, "at_most": at_most}
    with StackClient(layout_of(data), Role.GM) as client:
        if shops is None:
            shown = 1_000_000 if as_json else limit
            answer = client.get("scoring", "/allocation", resource=resource, quantity=quantity, limit=shown, **bounds)
        else:
            asked = {"resource": resource, "quantity": quantity, "customers": shops, **bounds}
            answer = client.post("scoring", "/allocation/trial", asked)
    output.result(answer, lambda: show(answer, limit, output))


def given(file: Path | None, *, example: bool) -> list[dict[str, Any]] | None:
    """The customers of a trial; None for those that the stack knows."""
    if file is not None and example:
        raise Failure(
            Text(en="Either --file or --example.", zh="--file 与 --example 只能选一个。"), code=ExitCode.USAGE
        )
    if file is not None:
        return read_shops(file)
    if example:
        with as_file(files("deploy.examples").joinpath("ten_shops.csv")) as shipped:
            return read_shops(shipped)
    return None


def show(answer: dict[str, Any], limit: int, output: Output) -> None:
    """The shares beside the plain sales ranking, each with its reason."""
    words, shares = answer["words"], answer["shares"][:limit]
    output.table(
        (
            Text(en="customer", zh="客户"), Text(en="why", zh="理由"), Text(en="units", zh="数量"),
            Text(en="score", zh="评分"), Text(en="by sales", zh="按销量"), Text(en="sales rank", zh="销量名次"),
        ),
        (
            (
                share["customer_id"], output.of(Text(**share["why"])), share["units"], f"{share['score']:.2f}",
                share["by_sales"], share["sales_rank"],
            )
            for share in shares
        ),
        title=Text(
            en=f"{answer['quantity']:,} {words['en']} among {answer['customers']:,} customers",
            zh=f"{words['zh']} {answer['quantity']:,}，{answer['customers']:,} 家客户",
        ),
        right=4,
    )  # fmt: skip
    if answer["customers"] > len(shares):
        output.say(
            Text(en="There are more: --limit, or --json for all.", zh="还有更多：用 --limit，或用 --json 查看全部。")
        )


def gaps(
    rep: Rep = None,
    filler: Filler = "rep",
    limit: Limit = 50,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        # One more than is shown tells whether there are more.
        found = list(client.pages("scoring", "/gaps", limit + 1, rep=rep, filler=filler))
    output.result(found[:limit], lambda: show_gaps(found, limit, output))


def show_gaps(found: list[dict[str, Any]], limit: int, output: Output) -> None:
    """A line for each thing missing."""
    if not found:
        output.say(Text(en="Nothing is missing.", zh="没有缺口。"))
        return
    output.table(
        (
            Text(en="customer", zh="客户"), Text(en="rep", zh="业务员"), Text(en="level", zh="级别"),
            Text(en="needed for", zh="用于"), Text(en="missing", zh="缺少"), Text(en="fields", zh="字段"),
        ),
        (
            (
                customer["customer_id"], customer["rep"], output.of(names_of(customer)[1]),
                output.of(Text(**gap["needed_for"])), output.of(Text(**gap["what"])), ", ".join(gap["fields"]),
            )
            for customer in found[:limit]
            for gap in customer["gaps"]
        ),
    )  # fmt: skip
    if len(found) > limit:
        output.say(Text(en="There are more: --limit.", zh="还有更多：可用 --limit。"))
