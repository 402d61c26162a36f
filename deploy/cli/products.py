"""`tierline product announce` and `product list`: new products, and who was told of them (F6)."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.cli.client import StackClient
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from shared.roles import Role
from shared.words import Text

Product = Annotated[
    str,
    typer.Argument(metavar="ID", help=both("An id that is used once, such as the SKU.", "只用一次的编号，如货号。")),
]
NameZh = Annotated[str, typer.Option("--zh", help=both("Its name in Chinese.", "中文名称。"))]
NameEn = Annotated[str, typer.Option("--en", help=both("Its name in English.", "英文名称。"))]
Limit = Annotated[int, typer.Option("--limit", min=1, help=both("At most so many.", "最多显示条数。"))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True)
    group.command(
        "announce", help=both("Let each potential customer's rep recommend it.", "请业务员逐一推荐给潜力客户。")
    )(announce)
    group.command("list", help=both("What was announced, and how far it has come.", "已发布的新品及推荐进度。"))(listed)
    app.add_typer(group, name="product")


def announce(
    product: Product,
    zh: NameZh,
    en: NameEn,
    data: Data = DEFAULT_DATA,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        found = client.post("followup", "/products", {"product_id": product, "name": {"zh": zh, "en": en}})
    days = found["within_days"]
    output.result(
        found,
        lambda: output.say(
            Text(
                en=f"Announced on {found['announced_on']}: each potential customer hears of it within {days} days.",
                zh=f"已于 {found['announced_on']} 发布：{days} 天内提醒业务员逐一推荐给潜力客户。",
            )
        ),
    )


def listed(limit: Limit = 50, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        found = list(client.pages("followup", "/products", limit))
    columns = (
        Text(en="product", zh="新品"), Text(en="name", zh="名称"), Text(en="announced on", zh="发布日期"),
        Text(en="reminders so far", zh="已提醒"),
    )  # fmt: skip

    def show() -> None:
        if not found:
            output.say(Text(en="Nothing was announced yet.", zh="尚未发布新品。"))
            return
        output.table(
            columns,
            ((one["product_id"], one["name"][output.language], one["announced_on"], one["reminded"]) for one in found),
        )

    output.result(found, show)
