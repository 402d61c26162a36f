"""`tierline potential`, `catalogue` and `customs`: what a potential customer is judged by, and the lists behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.client import StackClient, quoted
from deploy.cli.names import LEVEL_NAMES
from deploy.cli.options import DEFAULT_DATA, AsJson, Data, Lang, both, layout_of
from deploy.cli.output import Output
from deploy.local.lists import read_articles, read_imports
from deploy.local.settings import StackSettings
from shared.policy import load_policy
from shared.roles import Role
from shared.settings import load_settings
from shared.words import Text

# A request's worth of customs records.
CHUNK = 5000

Customer = Annotated[str, typer.Argument(metavar="ID", help=both("A potential customer.", "某位潜力客户。"))]
Catalogue = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=both(
            "CSV or Excel with sku, name, category, words (other names, separated by commas).",
            "CSV 或 Excel，含列 sku、name、category、words（其他叫法，用逗号分隔）。",
        ),
    ),
]
Records = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=both(
            "CSV or Excel with importer, country (two letters), hs_code, goods, quantity, value, date.",
            "CSV 或 Excel，含列 importer、country（两位国家代码）、hs_code、goods、quantity、value、date。",
        ),
    ),
]

DECIDED_BY = {
    "judged": Text(en="judged by a person", zh="人工判定"),
    "computed": Text(en="computed from the criteria", zh="按条件计算"),
    "default": Text(en="the default: too little is known", zh="资料不足，取默认级别"),
}
LEVEL = {level: name for (_, level), name in LEVEL_NAMES.items()}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("potential")(potential)
    app.command("catalogue")(catalogue)
    app.command("customs")(customs)


def potential(customer: Customer, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    with StackClient(layout_of(data), Role.GM) as client:
        found = client.get("scoring", f"/potentials/{quoted(customer)}")
    output.result(found, lambda: show(found, output))


def show(found: dict[str, Any], output: Output) -> None:
    """The level, who decided it, the criteria with their evidence, and what is missing."""
    level, by = LEVEL[found["level"]], DECIDED_BY[found["decided_by"]]
    output.say(
        Text(
            en=f"{found['customer_id']}: potential {level.en}, {by.en}",
            zh=f"{found['customer_id']}：{level.zh}，{by.zh}",
        ),
        style="bold",
    )
    if found["mean"] is not None:
        output.say(
            Text(
                en=f"Mean {found['mean']:.2f} of {found['known']:.0%} of the weights "
                f"(high from {found['high_from']}, moderate from {found['moderate_from']})",
                zh=f"已知权重 {found['known']:.0%}，加权平均 {found['mean']:.2f}"
                f"（{found['high_from']} 起为重潜，{found['moderate_from']} 起为普潜）",
            )
        )
        output.table(
            (
                Text(en="evidence", zh="依据"), Text(en="weight", zh="权重"), Text(en="fit", zh="得分"),
            ),
            (
                (output.of(Text(**each["evidence"])), each["weight"], f"{each['fit']:.2f}")
                for each in found["criteria"]
            ),
            right=2,
        )  # fmt: skip
    for each in found["missing"]:
        what = each["what"]
        output.say(Text(en=f"Missing: {what['en']}", zh=f"缺少：{what['zh']}"))


def catalogue(file: Catalogue, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    articles = read_articles(file)
    with StackClient(layout_of(data), Role.GM) as client:
        taken = client.put("scoring", "/catalogue", {"articles": articles})
    output.result(
        taken,
        lambda: output.say(
            Text(
                en=f"The catalogue has {taken['given']} articles now; inquiries are matched anew.",
                zh=f"产品目录现有 {taken['given']} 项，将重新匹配询盘。",
            ),
            style="green",
        ),
    )


def customs(file: Records, data: Data = DEFAULT_DATA, as_json: AsJson = False, lang: Lang = None) -> None:
    output = Output(lang, as_json)
    records = read_imports(file, load_policy(load_settings(StackSettings).policy_file).zone)
    new = 0
    with StackClient(layout_of(data), Role.GM) as client:
        for start in range(0, len(records), CHUNK):
            new += client.post("scoring", "/customs", {"records": records[start : start + CHUNK]})["new"]
    output.result(
        {"given": len(records), "new": new},
        lambda: output.say(
            Text(
                en=f"{len(records)} customs records, {new} of them new.",
                zh=f"海关记录 {len(records)} 条，其中新增 {new} 条。",
            ),
            style="green",
        ),
    )
